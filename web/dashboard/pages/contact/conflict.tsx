import { Conflict as Choose } from '../../components/conflict';
import { t } from '../../i18n';
import type { FieldName, Values } from './fields';
import { labelOf, localeName } from './fields';
import type { Snapshot } from './saving';
import { differing, valuesOf } from './saving';

type ConflictProps = {
  base: Snapshot;
  mine: Values;
  theirs: Snapshot;
  onClose: () => void;
  onResolve: (latest: Snapshot, chosen: Values) => void;
};

function shown(name: FieldName, values: Values): string {
  const value = values[name];
  if (typeof value !== 'string') return value.join(', ') || t.common.none;
  return (name === 'locale' && value ? localeName(value) : value) || t.common.none;
}

/** The contact was changed by two people at once. */
export function Conflict({ base, mine, theirs, onClose, onResolve }: ConflictProps) {
  const other = valuesOf(theirs);
  const changed = differing(valuesOf(base), mine);
  const names = differing(mine, other);
  const fields = names.map((name) => ({
    name, label: labelOf(name), mine: shown(name, mine), theirs: shown(name, other), untouched: !changed.includes(name),
  }));
  const resolve = (kept: string[]) => {
    const chosen = names.filter((name) => kept.includes(name)).map((name) => [name, mine[name]]);
    onResolve(theirs, { ...other, ...(Object.fromEntries(chosen) as Partial<Values>) });
  };
  return <Choose title={t.contact.conflictTitle} at={theirs.updatedAt} fields={fields} onClose={onClose} onResolve={resolve} />;
}
