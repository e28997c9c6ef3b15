import { useMemo } from 'preact/hooks';
import { boot, may, useList, useRefreshOn } from '../../api';
import type { Column } from '../../components';
import { Button, ButtonLink, Empty, FilterChips, PageHeader, SearchField, Table, Time } from '../../components';
import { t } from '../../i18n';
import { link, navigate, path, setParams } from '../../router';
import { useKindText } from '../workflows/makers';
import { Delivery } from './delivery';
import type { MessageRow, Query } from './list';
import { MESSAGES, useFilter } from './list';
import { PeriodFilter } from './period_filter';
import { Recipient } from './recipient';

const LIVE = [
  'INVITED', 'INVITATION_RESENT', 'INVITATION_CANCELLED', 'LOGIN_EMAIL_QUEUED', 'MESSAGE_QUEUED', 'LOGIN_REQUESTED', 'MAIL_PAUSED',
  'MESSAGE_BOUNCED', 'MESSAGE_COMPLAINED', 'MESSAGE_DELAYED', 'MESSAGE_FAILED', 'MESSAGE_KEPT', 'MESSAGE_SENT',
] as const;

type KindText = ReturnType<typeof useKindText>;

const makeColumns = (kindText: KindText): Column<MessageRow>[] => [
  {
    id: 'to', header: t.messages.recipient, width: '1.2fr',
    cell: ({ contact, address }) => <Recipient name={contact?.name ?? null} address={address} />,
  },
  {
    id: 'message', header: t.messages.message, width: '1.4fr',
    cell: ({ kind, createdBy, channel, subject }) => (
      <span class="message-kind"><span><bdi>{kindText({ kind, createdBy })}</bdi>{channel === 'SMS' && ` · ${t.words.channel.SMS}`}</span>{subject && <span class="hint" dir="auto">{subject}</span>}</span>
    ),
  },
  { id: 'status', header: t.messages.status, cell: (row) => <Delivery message={row} /> },
  { id: 'time', header: t.messages.time, width: '8rem', align: 'end', cell: ({ createdAt }) => <span class="message-time"><Time at={createdAt} /></span> },
];

const options = (names: Record<string, string>) => Object.entries(names).map(([value, label]) => ({ value, label }));

const Tools = ({ query: { chips, search } }: { query: Query }) => (
  <div class="list-tools">
    <SearchField label={t.messages.search} value={search} onInput={(typed) => setParams({ search: typed })} />
    <PeriodFilter />
    <FilterChips value={chips} onChange={({ status, kind, channel }) => setParams({ status, kind, channel })} chips={[
      { id: 'status', label: t.messages.status, options: options(t.words.messageStatus) },
      { id: 'kind', label: t.messages.kind, options: options({ ...t.words.messageKind, WRITTEN: t.messages.writtenKind }) },
      { id: 'channel', label: t.messages.channel, options: options(t.words.channel), multiple: false },
    ]} />
  </div>
);

const None = ({ filtered }: { filtered: boolean }) => filtered
  ? (
    <Empty icon="search" title={t.messages.noMatchTitle}>
      <p>{t.messages.noMatchHint}</p>
      <Button kind="quiet" onClick={() => navigate(link(path.value))}>{t.messages.clear}</Button>
    </Empty>
  )
  : <Empty icon="mail" title={t.messages.noneTitle}><p>{t.messages.noneHint}</p></Empty>;

export default function Messages() {
  const query = useFilter();
  const list = useList(MESSAGES, { filter: query.filter }, (data) => data.messages);
  const kindText = useKindText(list.rows);
  const columns = useMemo(() => makeColumns(kindText), [kindText]);
  useRefreshOn(LIVE, list.refresh);
  return (
    <>
      <PageHeader title={t.messages.title}>
        {may('INVITE')
          ? <ButtonLink icon="send" href={link('compose')}>{t.shell.compose}</ButtonLink>
          : <Button icon="send" disabledReason={t.common.noRole(t.words.role[boot.role])}>{t.shell.compose}</Button>}
        {boot.outboxHref && <ButtonLink kind="quiet" icon="eye" href={boot.outboxHref}>{t.messages.openOutbox}</ButtonLink>}
      </PageHeader>
      <Tools query={query} />
      <Table list={list} columns={columns} label={t.messages.title} href={({ id }) => link(`messages/${id}`)}
        rowLabel={(row) => `${kindText(row)}, ${row.address}`} empty={<None filtered={query.filtered} />} />
    </>
  );
}
