// The delivery state of a message, as lists show it.
import type { ResultOf } from '../../api';
import { graphql } from '../../api';
import type { Tone } from '../../components';
import { Marked, Status, Time } from '../../components';
import { t } from '../../i18n';

export const DELIVERY = graphql(`
  fragment Delivery on Message @_unmask { status lastError nextAttemptAt }
`);

type DeliveryState = ResultOf<typeof DELIVERY>;

export const TONES: Record<DeliveryState['status'], Tone> = {
  QUEUED: 'none', SENDING: 'busy', SENT: 'good', DELIVERED: 'good', DEFERRED: 'warn', KEPT: 'none', BOUNCED: 'bad', FAILED: 'bad', SUPPRESSED: 'warn', CANCELLED: 'none',
};

export const Delivery = ({ message }: { message: DeliveryState }) => (
  <span class="delivery">
    <Status tone={TONES[message.status]}>{t.words.messageStatus[message.status]}</Status>
    {message.lastError && <span class="hint delivery-reason" dir="auto"><Marked text={message.lastError} /></span>}
    {message.nextAttemptAt && message.status === 'DEFERRED' && (
      <span class="hint">{t.messages.nextAttempt}: <Time at={message.nextAttemptAt} /></span>
    )}
  </span>
);
