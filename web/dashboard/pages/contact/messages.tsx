import { graphql, useList } from '../../api';
import type { ResultOf } from '../../api';
import type { Column, Tone } from '../../components';
import { Empty, Marked, Status, Table, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { useKindText } from '../workflows/makers';
import { useContactActivity } from './live';

const MESSAGES = graphql(`
  query ContactMessages($id: ID!, $after: String) {
    contact(id: $id) {
      id
      messages(first: 50, after: $after) {
        nodes { id kind channel status subject address createdAt createdBy sentAt nextAttemptAt attempts lastError }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

type Message = NonNullable<ResultOf<typeof MESSAGES>['contact']>['messages']['nodes'][number];

const TONES: Record<Message['status'], Tone> = {
  QUEUED: 'busy', SENDING: 'busy', SENT: 'good', DELIVERED: 'good', KEPT: 'none', DEFERRED: 'warn', BOUNCED: 'bad', FAILED: 'bad', SUPPRESSED: 'bad', CANCELLED: 'none',
};

type KindText = ReturnType<typeof useKindText>;

const Subject = ({ message, kind }: { message: Message; kind: string }) => (
  <span class="contact-cell">
    <bdi>{message.subject ?? kind}</bdi>
    <span class="hint"><bdi>{kind}</bdi>{message.channel === 'SMS' && ` · ${t.words.channel.SMS}`} · <bdi>{message.address}</bdi></span>
  </span>
);

const State = ({ message }: { message: Message }) => (
  <span class="contact-cell">
    <Status tone={TONES[message.status]}>{t.words.messageStatus[message.status]}</Status>
    {message.nextAttemptAt && message.status === 'DEFERRED' && (
      <span class="hint">{t.contact.nextTry} <Time at={message.nextAttemptAt} /></span>
    )}
    {message.lastError && <bdi class="hint"><Marked text={message.lastError} /></bdi>}
  </span>
);

const columns = (kindText: KindText): Column<Message>[] => [
  { id: 'subject', header: t.contact.message, width: '2fr', cell: (row) => <Subject message={row} kind={kindText(row)} /> },
  { id: 'status', header: t.contact.status, width: '2fr', cell: (row) => <State message={row} /> },
  { id: 'at', header: t.contact.requested, width: '1fr', cell: (row) => <Time at={row.createdAt} /> },
];

export function Messages({ contactId }: { contactId: string }) {
  const list = useList(MESSAGES, { id: contactId }, ({ contact }) => contact?.messages);
  const kindText = useKindText(list.rows);
  useContactActivity(contactId, list.refresh);
  return (
    <Table list={list} columns={columns(kindText)} label={t.contact.tabs.messages} href={({ id }) => link(`messages/${id}`)}
      rowLabel={(row) => row.subject ?? kindText(row)}
      empty={<Empty icon="mail" title={t.contact.noMessages}><p>{t.contact.noMessagesHint}</p></Empty>} />
  );
}
