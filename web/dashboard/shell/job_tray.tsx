// The bulk jobs that are running, on every page and after a reload.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ResultOf } from '../api';
import { graphql, useQuery, useSubscription } from '../api';
import { Progress, toast, useRoom } from '../components';
import { number, t } from '../i18n';
import { link, navigate } from '../router';

const RUNNING = graphql(`
  query RunningJobs {
    bulkJobs(first: 20) { nodes { id kind status total done failed skipped succeeded startsAt } }
  }
`);

const UPDATED = graphql(`
  subscription JobUpdated {
    bulkJobUpdated { id kind status total done failed skipped succeeded startsAt }
  }
`);

type Job = ResultOf<typeof UPDATED>['bulkJobUpdated'];

const jobs = signal<ReadonlyMap<string, Job>>(new Map());

const isOpen = ({ status }: Job): boolean => status === 'QUEUED' || status === 'RUNNING' || status === 'PAUSED';

/** Not what is scheduled for later. */
const isRunning = (job: Job): boolean => isOpen(job) && !(job.status === 'QUEUED' && job.startsAt && Date.parse(job.startsAt) > Date.now());

function keep(job: Job): void {
  const was = jobs.value.get(job.id);
  // A response to the query may be older than what was received.
  if (was && !isOpen(was)) return;
  jobs.value = new Map(jobs.value).set(job.id, job);
  if (was && job.status === 'SUCCEEDED') {
    toast({
      text: t.shell.jobFinished(t.words.jobKind[job.kind]),
      action: { label: t.shell.openJob, onSelect: () => navigate(link(`jobs/${job.id}`)) },
    });
  }
}

export function JobTray() {
  const { data } = useQuery(RUNNING, {});
  useSubscription(UPDATED, {}, ({ bulkJobUpdated }) => keep(bulkJobUpdated));
  useEffect(() => data?.bulkJobs.nodes.forEach(keep), [data]);
  const running = [...jobs.value.values()].filter(isRunning);
  const tray = useRoom('--tray-room', running.length > 0);
  if (!running.length) return null;
  return (
    <aside class="job-tray" ref={tray} aria-label={t.shell.jobTray}>
      {running.map((job) => (
        <a key={job.id} href={link(`jobs/${job.id}`)}>
          <span class="job-tray-line">
            <span>{t.words.jobKind[job.kind]}{job.status === 'PAUSED' && ` · ${t.words.jobStatus.PAUSED}`}</span>
            <span class="hint">{number(job.done)} / {number(job.total)}</span>
          </span>
          <Progress value={job.done} max={job.total} label={t.words.jobKind[job.kind]} />
        </a>
      ))}
    </aside>
  );
}
