import type { DryRun } from '../../actions/dry_run';
import { RecipientsField } from '../../actions/recipients_field';
import { useQuery } from '../../api';
import { Card, ErrorNotice, Marked, RadioGroup, SelectField } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import type { Sent } from './documents';
import { LISTS } from './documents';
import { Reach } from './skipped';
import type { Audience, Composing } from './state';

type RecipientsProps = { composing: Composing; dryRun: DryRun<Sent>; error: string | undefined };

export function Recipients({ composing, dryRun, error }: RecipientsProps) {
  const { values, set, recipients, typed } = composing;
  const { audience, filter, channel } = values;
  const options: { value: Audience; label: string; hint?: string }[] = [
    { value: 'CONTACTS', label: t.compose.audience.CONTACTS },
    { value: 'LIST', label: t.compose.audience.LIST, hint: t.compose.listHint },
    { value: 'ALL', label: t.compose.audience.ALL, hint: t.compose.allHint },
    ...(filter ? [{ value: 'FILTER' as const, label: t.actions.matching(filter.count), hint: t.compose.filterHint }] : []),
  ];
  return (
    <Card title={t.compose.to}>
      <div class="compose-part compose-recipients">
        <RadioGroup label={t.compose.audienceLabel} value={audience} onChange={(chosen) => set({ audience: chosen })} options={options} />
        {audience === 'CONTACTS' && <RecipientsField label={t.actions.contacts} allowNew={false} value={recipients} typed={typed} error={error} />}
        {audience === 'LIST' && <ListField value={values.listId} onChange={(listId) => set({ listId })} error={error} />}
        {(audience === 'FILTER' || audience === 'ALL') && error && <p class="error" role="alert"><Marked text={error} /></p>}
        <Reach dryRun={dryRun} will={t.compose.will[channel]} />
        {dryRun.outcome?.count === 0 && <p class="hint">{t.compose.noneHint[channel]}</p>}
        {dryRun.error !== undefined && !error && <ErrorNotice error={dryRun.error} />}
      </div>
    </Card>
  );
}

function ListField({ value, onChange, error }: { value: string; onChange: (id: string) => void; error: string | undefined }) {
  const { data, error: failure, reload } = useQuery(LISTS, {});
  const lists = data?.smartLists.nodes ?? [];
  if (failure && !data) return <ErrorNotice error={failure} retry={reload} />;
  const known = !value || lists.some(({ id }) => id === value);
  return (
    <>
      <SelectField label={t.compose.list} value={value} onChange={onChange} error={error} options={[
        { value: '', label: t.compose.chooseList },
        ...(known ? [] : [{ value, label: t.compose.otherList }]),
        ...lists.map(({ id, name, count }) => ({ value: id, label: count === null ? `${name} (${t.smartLists.unusable})` : `${name} (${t.access.contacts(count)})` })),
      ]} />
      {data && lists.length === 0 && <p class="hint"><a href={link('smart-lists/new')}>{t.shell.newSmartList}</a></p>}
    </>
  );
}
