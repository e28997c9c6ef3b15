import { useState } from 'preact/hooks';
import { boot, errorText, may, mutate } from '../../api';
import { Button, Confirm, toast } from '../../components';
import { t } from '../../i18n';
import { isOpen } from '../jobs/state';
import type { Job } from './job';
import { CANCEL, PAUSE, RESUME, permissionOf } from './job';

/** Pause, resume and cancel. */
export function Controls({ job, onChanged }: { job: Job; onChanged: () => void }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const words = t.jobs;
  const input = { input: { bulkJobId: job.id } };
  const refused = may(permissionOf(job)) ? {} : { disabledReason: t.common.noRole(t.words.role[boot.role]) };
  const isPaused = job.status === 'PAUSED';
  const toggle = async () => {
    setBusy(true);
    try {
      await (isPaused ? mutate(RESUME, input) : mutate(PAUSE, input));
      if (!isPaused) toast({ text: words.paused });
    } catch (error) {
      // It may have ended meanwhile.
      toast({ text: errorText(error), tone: 'bad' });
      onChanged();
    } finally {
      setBusy(false);
    }
  };
  const cancel = async () => {
    await mutate(CANCEL, input);
    toast({ text: words.cancelled });
  };
  return (
    <>
      {isOpen(job) && (
        <>
          <Button kind="quiet" icon={isPaused ? 'play' : 'pause'} busy={busy} onClick={() => void toggle()} {...refused}>
            {isPaused ? words.resume : words.pause}
          </Button>
          <Button kind="quiet" icon="stop" onClick={() => setAsking(true)} {...refused}>{words.cancel}</Button>
        </>
      )}
      <Confirm open={asking} onClose={() => setAsking(false)} title={words.cancelTitle} action={words.cancel} danger onConfirm={cancel}>
        <p>{words.cancelHint(job.total - job.done)} {words.cancelKeeps}</p>
      </Confirm>
    </>
  );
}
