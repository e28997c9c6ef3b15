import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { startAction } from '../../actions';
import type { ResultOf } from '../../api';
import { boot, may, useList, useQuery, useRefreshOn } from '../../api';
import { Button, Empty, FilterChips, PageHeader, SearchField, SelectionBar, Table, Tabs } from '../../components';
import { t } from '../../i18n';
import { link, setParams } from '../../router';
import type { Change } from './change';
import { ChangeDialog } from './change_dialog';
import { makeColumns, nameOf } from './columns';
import type { Query, Tab } from './list';
import { COUNTS, EXPIRY_DAYS, INVITATIONS, STATUSES, TABS, useFilter } from './list';
import { RowMenu } from './row_menu';

const LIVE = [
  'INVITED', 'INVITATION_RESENT', 'INVITATION_CANCELLED', 'JOINED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED', 'ACCESS_REVOKED', 'ACCESS_RESTORED',
  'MESSAGE_BOUNCED', 'MESSAGE_COMPLAINED', 'MESSAGE_DELAYED', 'MESSAGE_FAILED', 'MESSAGE_KEPT', 'MESSAGE_SENT',
] as const;

type Counts = ResultOf<typeof COUNTS>;

const tabLabel = (tab: Tab): string => (tab === 'ALL' ? t.invitations.all : t.words.invitationStatus[tab]);

const refusal = () => (may('INVITE') ? {} : { disabledReason: t.common.noRole(t.words.role[boot.role]) });

const InviteButton = () => <Button icon="invite" onClick={() => startAction('invite')} {...refusal()}>{t.invitations.invite}</Button>;

function StatusTabs({ query: { tab }, counts }: { query: Query; counts: Counts | undefined }) {
  const all = counts && STATUSES.reduce((sum, each) => sum + counts[each].totalCount, 0);
  const tabs = TABS.map((id) => {
    const count = id === 'ALL' ? all : counts?.[id].totalCount;
    return { id, label: tabLabel(id), ...(count !== undefined && { count }) };
  });
  return <Tabs label={t.invitations.tabs} tabs={tabs} current={tab} onChange={(id) => setParams({ status: id === 'OPEN' ? '' : id, expires: '' })} />;
}

const Tools = ({ query: { tab, search, days } }: { query: Query }) => (
  <div class="list-tools">
    <SearchField label={t.invitations.search} value={search} onInput={(typed) => setParams({ search: typed })} />
    {tab === 'OPEN' && (
      <FilterChips value={{ expires: days }} onChange={({ expires }) => setParams({ expires })} chips={[{
        id: 'expires', label: t.invitations.expiresWithin, multiple: false,
        options: EXPIRY_DAYS.map((count) => ({ value: String(count), label: t.invitations.days(count) })),
      }]} />
    )}
  </div>
);

const None = ({ query: { tab, filtered } }: { query: Query }) => filtered
  ? (
    <Empty icon="search" title={t.invitations.noMatchTitle}>
      <p>{t.invitations.noMatchHint}</p>
      <Button kind="quiet" onClick={() => setParams({ search: '', expires: '' })}>{t.invitations.clear}</Button>
    </Empty>
  )
  : (
    <Empty icon="invite" title={t.invitations.noneTitle[tab]}>
      <p>{t.invitations.noneHint[tab]}</p>
      {(tab === 'OPEN' || tab === 'ALL') && <InviteButton />}
    </Empty>
  );

/** The rows that are selected, or all that match. */
function useSelection(query: Query, total: number | undefined) {
  const ids = useSignal(new Set<string>());
  const all = useSignal(false);
  const clear = () => {
    ids.value = new Set();
    all.value = false;
  };
  useEffect(clear, [query]);
  return { ids, all, clear, count: all.value ? (total ?? 0) : ids.value.size };
}

export default function Invitations() {
  const query = useFilter();
  const [wanted, setWanted] = useState<Change>();
  const list = useList(INVITATIONS, { filter: query.filter }, (data) => data.invitations);
  const counts = useQuery(COUNTS, { search: query.filter.search ?? null });
  const selection = useSelection(query, list.total);
  const reload = () => {
    list.reload();
    counts.reload();
  };
  useRefreshOn(LIVE, () => {
    list.refresh();
    counts.reload();
  });
  const columns = useMemo(() => makeColumns(query.tab, (row) => (
    <RowMenu row={row} onChanged={reload} onCancel={({ id }) => setWanted({ action: 'cancel', target: { invitationIds: [id] } })} />
  )), [query.tab]);
  const ask = (action: Change['action']) =>
    setWanted({ action, target: selection.all.value ? { filter: query.filter } : { invitationIds: [...selection.ids.value] } });
  const onDone = () => {
    setWanted(undefined);
    selection.clear();
    reload();
    // The button that opened the dialog is gone with the selection.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#main h1')?.focus());
  };
  return (
    <div class="invitations">
      <PageHeader title={t.invitations.title}><InviteButton /></PageHeader>
      <StatusTabs query={query} counts={counts.data} />
      <Tools query={query} />
      <div role="tabpanel" aria-label={tabLabel(query.tab)}>
        <Table list={list} columns={columns} label={t.invitations.title} href={({ contact }) => link(contact ? `contacts/${contact.id}` : 'invitations')}
          rowLabel={nameOf} {...(query.tab !== 'ACCEPTED' && { selection })} empty={<None query={query} />} />
      </div>
      <SelectionBar count={selection.count} onClear={selection.clear}>
        <Button size="small" icon="refresh" onClick={() => ask('resend')} {...refusal()}>{t.invitations.resend}</Button>
        {query.tab !== 'CANCELLED' && (
          <Button size="small" kind="quiet" icon="close" onClick={() => ask('cancel')} {...refusal()}>{t.invitations.cancelMany}</Button>
        )}
      </SelectionBar>
      {wanted && <ChangeDialog wanted={wanted} onClose={() => setWanted(undefined)} onDone={onDone} />}
    </div>
  );
}
