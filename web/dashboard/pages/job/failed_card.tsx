import { useState } from 'preact/hooks';
import { boot, may } from '../../api';
import { Button, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import { downloadFailed, hasSentRows, mendFailed } from './failed';
import type { Job } from './job';

/** What to do with the rows that failed. */
export function FailedCard({ job }: { job: Job }) {
  const [busy, setBusy] = useState<'download' | 'mend'>();
  const [error, setError] = useState<unknown>();
  const isImport = job.kind === 'IMPORT';
  const run = async (name: 'download' | 'mend', work: (job: Job) => Promise<void>) => {
    setBusy(name);
    setError(undefined);
    try {
      await work(job);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(undefined);
    }
  };
  const words = t.jobs;
  return (
    <section class="card job-failed" aria-labelledby="job-failed">
      <div class="job-failed-text">
        <h2 id="job-failed">{isImport ? words.failedTitle(job.failed) : words.failedManyTitle(job.failed)}</h2>
        <p class="hint">
          {isImport ? words.failedHint : words.failedManyHint}
          {isImport && !hasSentRows(job) && ` ${words.mendOnlyAddresses}`}
        </p>
      </div>
      <div class="job-actions">
        <Button kind="quiet" icon="download" busy={busy === 'download'} onClick={() => void run('download', downloadFailed)}>{words.download}</Button>
        {isImport && (
          <Button icon="undo" busy={busy === 'mend'} onClick={() => void run('mend', mendFailed)}
            {...(!may('CONTACTS') && { disabledReason: t.common.noRole(t.words.role[boot.role]) })}>
            {words.mend}
          </Button>
        )}
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
    </section>
  );
}
