import { useEffect, useState } from 'preact/hooks';
import { Button, Dialog, ErrorNotice, Skeleton, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Change, Outcome } from './change';
import { AT_ONCE, change } from './change';

/** Says what a change would do, and does it. */
export function ChangeDialog({ wanted, onClose, onDone }: { wanted: Change; onClose: () => void; onDone: () => void }) {
  const [preview, setPreview] = useState<Outcome>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const check = () => {
    setError(undefined);
    change(wanted, true).then(setPreview, setError);
  };
  useEffect(check, []);

  const confirm = async () => {
    if (busy || !preview?.count) return;
    setBusy(true);
    setError(undefined);
    try {
      announce(wanted, await change(wanted, false));
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const words = t.invitations;
  const isResend = wanted.action === 'resend';
  const count = preview?.count ?? 0;
  return (
    <Dialog open onClose={onClose} title={isResend ? words.resendTitle : words.cancelTitle} size="small" dirty={busy} form={{ onSubmit: confirm }}
      footer={(
        <>
          <Button kind="quiet" onClick={onClose}>{words.keep}</Button>
          {count > 0 && (
            <Button type="submit" kind={isResend ? 'primary' : 'danger'} busy={busy}>
              {isResend ? words.resendAction(count) : words.cancelAction(count)}
            </Button>
          )}
        </>
      )}>
      {preview ? <Preview wanted={wanted} preview={preview} /> : error === undefined && <Skeleton rows={2} />}
      {error !== undefined && <ErrorNotice error={error} {...(!preview && { retry: check })} />}
    </Dialog>
  );
}

function Preview({ wanted: { action }, preview: { count, skipped } }: { wanted: Change; preview: Outcome }) {
  const words = t.invitations;
  const isResend = action === 'resend';
  return (
    <div class="change-preview" role="status">
      {count === 0 ? <p>{words.nothingToDo}</p> : (
        <>
          <p><strong>{isResend ? words.resendCount(count) : words.cancelCount(count)}</strong></p>
          <p>{isResend ? words.resendHint : words.cancelHint}</p>
          {count > AT_ONCE && <p>{words.inBackground}</p>}
        </>
      )}
      {skipped.length > 0 && <Skipped skipped={skipped} />}
    </div>
  );
}

function Skipped({ skipped }: { skipped: Outcome['skipped'] }) {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  const of = (reason: string) => skipped.filter((each) => each.reason === reason);
  return (
    <details class="change-skipped">
      <summary>{t.invitations.skipped(skipped.length)}</summary>
      {reasons.map((reason) => (
        <section key={reason}>
          <h3>{t.invitations.skippedReason(of(reason).length, t.words.skipReason[reason])}</h3>
          <ul>{of(reason).map(({ invitationId, email }) => <li key={invitationId}><bdi>{email ?? invitationId}</bdi></li>)}</ul>
        </section>
      ))}
    </details>
  );
}

function announce({ action }: Change, { count, bulkJob }: Outcome): void {
  const words = t.invitations;
  if (bulkJob) {
    toast({ text: words.jobStarted(count), action: { label: words.openJob, onSelect: () => navigate(link(`jobs/${bulkJob.id}`)) } });
  } else {
    toast({ text: action === 'resend' ? words.resentMany(count) : words.cancelledMany(count) });
  }
}
