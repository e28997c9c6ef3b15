import { useState } from 'preact/hooks';
import type { ResultOf } from '../api';
import { graphql, useQuery, useSubscription } from '../api';
import { Progress, Status } from '../components';
import { t } from '../i18n';
import { link } from '../router';

const JOB = graphql(`
  query ActionJob($id: ID!) {
    bulkJob(id: $id) { id kind status total done succeeded skipped failed }
  }
`);

const UPDATES = graphql(`
  subscription ActionJobUpdates($id: ID!) {
    bulkJob(id: $id) { id kind status total done succeeded skipped failed }
  }
`);

type Job = ResultOf<typeof UPDATES>['bulkJob'];

/** A bulk job with its live progress, then its result. */
export function JobProgress({ id, onLeave }: { id: string; onLeave: () => void }) {
  const { data } = useQuery(JOB, { id });
  // The response to the query may arrive after newer states of the job.
  const [live, setLive] = useState<Job>();
  useSubscription(UPDATES, { id }, ({ bulkJob }) => setLive(bulkJob));
  const job = live ?? data?.bulkJob;
  return (
    <div class="action-job">
      {job && <Progress value={job.done} max={job.total} label={t.words.jobKind[job.kind]} />}
      <p role="status">
        {job?.status === 'SUCCEEDED' && <Status tone="good">{t.actions.job.result(job.succeeded, job.skipped, job.failed)}</Status>}
        {job?.status === 'CANCELLED' && <Status tone="none">{t.actions.job.cancelled}</Status>}
        {job?.status === 'FAILED' && <Status tone="bad">{t.actions.job.failed}</Status>}
      </p>
      <a href={link(`jobs/${id}`)} onClick={onLeave}>{t.actions.job.open}</a>
    </div>
  );
}
