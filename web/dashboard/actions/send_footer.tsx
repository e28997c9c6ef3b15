import { Banner, Button } from '../components';
import { t } from '../i18n';
import { ActionError } from './action_error';
import { JobProgress } from './job_progress';
import type { Sending } from './sending';

type SendFooterProps = {
  sending: Sending;
  /** Why nothing can be sent yet. */
  missing: string | undefined;
  words: { button: (count: number) => string; buttonPlain: string };
  dirty: boolean;
  onStartOver: () => void;
};

/** The button with the number of emails that it sends. */
export function SendFooter({ sending, missing, words, dirty, onStartOver }: SendFooterProps) {
  const count = sending.dryRun.outcome?.count;
  const label = count === undefined ? words.buttonPlain : count === 0 ? t.actions.continue : words.button(count);
  return (
    <>
      {dirty && !sending.busy && <Button kind="plain" class="start-over" onClick={onStartOver}>{t.actions.startOver}</Button>}
      <Button type="submit" busy={sending.busy} disabledReason={missing}>{label}</Button>
    </>
  );
}

/** What went wrong, and what was sent before it did. */
export const SendProblems = ({ sending, hidden, onLeave }: { sending: Sending; hidden?: boolean; onLeave: () => void }) => (
  <>
    {!hidden && <ActionError error={sending.error} />}
    {sending.partial.count > 0 && (
      <Banner tone="warn">
        {t.actions.partly(sending.partial.count)}
        {sending.partial.jobs.map((id) => <JobProgress key={id} id={id} onLeave={onLeave} />)}
      </Banner>
    )}
  </>
);
