import type { FilterChip } from '../../components';
import { Button, FilterChips, Tag } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { ContactChip } from './contact_chip';
import { DatesChip } from './dates_chip';
import { GROUP_NAMES, isKind } from './kinds';
import type { Names } from './sentences';
import { kindText } from './sentences';
import { FILTER_PARAMS, NO_FILTER } from './state';

function actorOptions(names: Names, chosen: string | null, display: string | undefined): FilterChip['options'] {
  const options = [...names].map(([value, label]) => ({ value, label }));
  return chosen && !names.has(chosen) ? [{ value: chosen, label: display ?? chosen }, ...options] : options;
}

/** `display` names the actor of the filter, if it is none of the team and its keys. */
export function Filters({ names, display }: { names: Names; display: string | undefined }) {
  const search = params.value;
  const chips: FilterChip[] = [
    { id: 'group', label: t.audit.kinds, options: GROUP_NAMES.map((value) => ({ value, label: t.audit.groups[value] })) },
    { id: 'actor', label: t.audit.actor, options: actorOptions(names, search.get('actor'), display), multiple: false },
    { id: 'refused', label: t.audit.outcome, options: [{ value: 'true', label: t.audit.refusedOnly }], multiple: false },
  ];
  const value = Object.fromEntries(chips.filter(({ id }) => search.has(id)).map(({ id }) => [id, search.getAll(id)]));
  const active = FILTER_PARAMS.some((name) => search.has(name));
  const ownClear = chips.some(({ id }) => search.has(id));
  return (
    <div class="audit-filters">
      <FilterChips chips={chips} value={value} onChange={(next) => setParams(Object.keys(next).length
        ? Object.fromEntries(chips.map(({ id }) => [id, next[id]])) : NO_FILTER)} />
      <div class="filters">
        <ContactChip />
        <DatesChip />
        {search.getAll('kind').filter(isKind).map((kind) => (
          <Tag key={kind} onRemove={() => setParams({ kind: search.getAll('kind').filter((other) => other !== kind) })}>{kindText(kind)}</Tag>
        ))}
        {active && !ownClear && <Button kind="plain" size="small" onClick={() => setParams(NO_FILTER)}>{t.components.clearFilters}</Button>}
      </div>
    </div>
  );
}
