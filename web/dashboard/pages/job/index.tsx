import { useState } from 'preact/hooks';
import { useQuery, useSubscription } from '../../api';
import { Banner, ButtonLink, Empty, ErrorNotice, Marked, PageHeader, Progress, Skeleton, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { JobState, isOpen } from '../jobs/state';
import { useWho } from '../jobs/who';
import { Controls } from './controls';
import { FailedCard } from './failed_card';
import { Items } from './items';
import type { Job } from './job';
import { JOB, LIVE } from './job';
import { sentText } from './sent';

const back = () => ({ href: link('jobs'), label: t.jobs.title });

function Overview({ job }: { job: Job }) {
  const who = useWho();
  return (
    <section class="card job-overview" aria-label={t.jobs.progress}>
      <p class="job-facts">
        <span role="status"><JobState status={job.status} /></span>
        <bdi class="hint">{t.jobs.startedBy(who(job.requestedBy))}</bdi>
        <span class="hint"><Time at={job.createdAt} style="full" /></span>
        {job.startsAt && job.status === 'QUEUED' && <strong>{t.jobs.starts}: <Time at={job.startsAt} style="full" /></strong>}
        {job.finishedAt && <span class="hint">{t.jobs.finished}: <Time at={job.finishedAt} style="full" /></span>}
      </p>
      <Progress value={job.done} max={job.total} label={t.jobs.progress} />
    </section>
  );
}

const Trouble = ({ job }: { job: Job }) => job.lastError && job.status !== 'SUCCEEDED'
  ? (
    <Banner tone={job.status === 'FAILED' ? 'bad' : 'warn'}>
      <strong>{job.status === 'FAILED' ? t.jobs.broken : t.jobs.waiting}.</strong> <Marked text={job.lastError} />
    </Banner>
  )
  : null;

export default function JobPage({ id }: { id: string }) {
  const { data, error, reload } = useQuery(JOB, { id });
  // The cache brings each state to the query, whose own response may arrive after the last one.
  const [ended, setEnded] = useState<Job>();
  useSubscription(LIVE, { id }, ({ bulkJob }) => setEnded(isOpen(bulkJob) ? undefined : bulkJob));
  const job = ended?.id === id ? ended : data?.bulkJob;
  if (!data) {
    return (
      <div class="job">
        <PageHeader title={t.jobs.kind} back={back()} />
        {error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />}
      </div>
    );
  }
  if (!job) {
    return (
      <div class="job">
        <PageHeader title={t.jobs.notFound} back={back()} />
        <div class="card">
          <Empty icon="jobs" title={t.common.notFound}>
            <p>{t.common.notFoundHint}</p>
            <ButtonLink kind="quiet" href={link('jobs')}>{t.jobs.title}</ButtonLink>
          </Empty>
        </div>
      </div>
    );
  }
  const sent = job.kind === 'MESSAGE' ? sentText(job.id) : undefined;
  return (
    <div class="job">
      <PageHeader title={t.words.jobKind[job.kind]} back={back()} description={sent && <bdi>{sent}</bdi>}><Controls job={job} onChanged={reload} /></PageHeader>
      <Trouble job={job} />
      <Overview job={job} />
      {job.failed > 0 && !isOpen(job) && <FailedCard job={job} />}
      <Items job={job} />
    </div>
  );
}
