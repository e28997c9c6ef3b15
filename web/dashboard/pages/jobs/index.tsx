import { useMemo, useRef } from 'preact/hooks';
import { boot, may, useList, useSubscription } from '../../api';
import type { Column } from '../../components';
import { Button, ButtonLink, Empty, PageHeader, Table, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { JOBS, UPDATED } from './list';
import type { JobRow } from './state';
import { JobState, isOpen } from './state';
import { useWho } from './who';

const Import = () => may('CONTACTS')
  ? <ButtonLink icon="upload" href={link('import')}>{t.shell.importContacts}</ButtonLink>
  : <Button icon="upload" disabledReason={t.common.noRole(t.words.role[boot.role])}>{t.shell.importContacts}</Button>;

const JobProgress = ({ job }: { job: JobRow }) => (
  <span class="jobs-progress">
    <span>
      {t.jobs.ofTotal(job.done, job.total)}
      {job.failed > 0 && <span class="jobs-failed">{t.jobs.failedCount(job.failed)}</span>}
    </span>
    {isOpen(job) && <progress value={job.done} max={Math.max(job.total, 1)} aria-label={t.words.jobKind[job.kind]} />}
  </span>
);

const State = ({ job: { status, startsAt } }: { job: JobRow }) => (
  <span class="jobs-state">
    <JobState status={status} />
    {startsAt && status === 'QUEUED' && <span class="hint">{t.jobs.starts}: <Time at={startsAt} /></span>}
  </span>
);

const columnsOf = (who: (id: string) => string): Column<JobRow>[] => [
  { id: 'kind', header: t.jobs.kind, width: '1.4fr', cell: ({ kind }) => t.words.jobKind[kind] },
  { id: 'status', header: t.jobs.status, width: '9rem', cell: (job) => <State job={job} /> },
  { id: 'progress', header: t.jobs.progress, width: '1.3fr', cell: (job) => <JobProgress job={job} /> },
  { id: 'who', header: t.jobs.who, hideBelow: 'tablet', cell: ({ requestedBy }) => <bdi class="jobs-who">{who(requestedBy)}</bdi> },
  { id: 'when', header: t.jobs.when, width: '9rem', align: 'end', cell: ({ createdAt }) => <span class="hint"><Time at={createdAt} /></span> },
];

const NoJobs = () => (
  <Empty icon="jobs" title={t.jobs.none}>
    <p>{t.jobs.noneHint}</p>
    <Import />
  </Empty>
);

export default function Jobs() {
  const list = useList(JOBS, {}, ({ bulkJobs }) => bulkJobs);
  const shown = useRef(list.rows);
  shown.current = list.rows;
  const who = useWho();
  // The rows of known jobs change with the cache.
  useSubscription(UPDATED, {}, ({ bulkJobUpdated: { id } }) => {
    if (!shown.current.some((row) => row.id === id)) list.refresh();
  });
  const columns = useMemo(() => columnsOf(who), [who]);
  return (
    <div class="jobs">
      <PageHeader title={t.jobs.title}>
        <ButtonLink kind="quiet" icon="download" href={`${boot.base}/contacts.csv`} download>{t.jobs.export}</ButtonLink>
        <Import />
      </PageHeader>
      <Table list={list} columns={columns} label={t.jobs.title} href={({ id }) => link(`jobs/${id}`)}
        rowLabel={({ kind }) => t.words.jobKind[kind]} empty={<NoJobs />} />
    </div>
  );
}
