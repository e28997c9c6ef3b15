// What happened to the message, and what to do about it.
import { boot } from '../../api';
import { ButtonLink, Card, DescriptionList, Marked, Status, Time } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';
import { TONES } from '../messages/delivery';
import type { Message } from './message';
import { canSendAgain } from './send_again';
import { Suppressed } from './suppressed';

const FAILED = ['BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED'];

type Words = Partial<Record<Message['status'], string>>;

/** What happened, and what to do next. */
function wordsOf({ channel, status }: Message): string {
  const { happened, next, happenedToSms, nextOfSms } = t.messages;
  const [did, does]: [Words, Words] = channel === 'SMS' ? [happenedToSms, nextOfSms] : [{}, {}];
  return `${did[status] ?? happened[status]} ${does[status] ?? next[status]}`;
}

export function DeliveryCard({ message, reload }: { message: Message; reload: () => void }) {
  const { channel, status, lastError, contact, attempts, nextAttemptAt, sentAt } = message;
  const isSms = channel === 'SMS';
  return (
    <Card title={t.messages.delivery}>
      <p><Status tone={TONES[status]}><strong>{t.words.messageStatus[status]}</strong></Status></p>
      <p>{wordsOf(message)}</p>
      {FAILED.includes(status) && contact && message.kind !== 'WRITTEN' && !canSendAgain(message) && <p>{t.messages.requestAgain}</p>}
      {lastError && (
        <figure class="message-reason">
          <figcaption class="hint">{t.messages.reason}</figcaption>
          <p dir="auto"><Marked text={lastError} /></p>
        </figure>
      )}
      {!isSms && contact?.suppression && <Suppressed message={message} reload={reload} />}
      {status === 'KEPT' && boot.outboxHref && <ButtonLink kind="quiet" size="small" icon="eye" href={boot.outboxHref}>{t.messages.openOutbox}</ButtonLink>}
      {(status === 'BOUNCED' || (isSms && status === 'SUPPRESSED')) && contact && (
        <ButtonLink kind="quiet" size="small" icon="user" href={link(`contacts/${contact.id}`)}>{t.messages.editContact}</ButtonLink>
      )}
      <DescriptionList items={[
        { label: t.messages.attempts, value: number(attempts) },
        ...(nextAttemptAt ? [{ label: t.messages.nextAttempt, value: <Time at={nextAttemptAt} /> }] : []),
        { label: t.messages.time, value: <Time at={message.createdAt} style="full" /> },
        ...(sentAt ? [{ label: status === 'KEPT' ? t.messages.keptAt : t.messages.sentAt, value: <Time at={sentAt} style="full" /> }] : []),
      ]} />
    </Card>
  );
}
