import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Loaded } from '../../api';
import { useList, useQuery } from '../../api';
import type { Column, Tone } from '../../components';
import { Empty, Marked, Status, Table, Tabs } from '../../components';
import { number, t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { Recipient } from '../messages/recipient';
import { isOpen } from '../jobs/state';
import type { Item, Job, Outcome } from './job';
import { ITEMS, OUTCOMES, OUTCOME_COUNTS, reasonOf } from './job';

type Row = Item & { id: string };
type Tab = Outcome | 'ALL';

const TONES: Record<Outcome, Tone> = { DONE: 'good', UPDATED: 'good', UNCHANGED: 'none', SKIPPED: 'warn', FAILED: 'bad' };
const PAUSE_MS = 1_000;
const PAGE = 50;

const nameOf = ({ contact, email }: Item): string => contact?.name ?? contact?.email ?? email ?? t.jobs.noName;

const State = ({ outcome }: { outcome: Item['outcome'] }) =>
  outcome && <Status tone={TONES[outcome]}>{t.words.itemOutcome[outcome]}</Status>;

function columnsOf(job: Job, tab: Tab): Column<Row>[] {
  const words = t.jobs;
  return [
    {
      id: 'contact', header: words.contact, width: '1.4fr',
      cell: ({ contact, email }) => <Recipient name={contact?.name ?? (contact?.email ?? email ? null : words.noName)} address={contact?.email ?? email} />,
    },
    ...(job.kind === 'IMPORT'
      ? [{ id: 'line', header: words.line, width: '6rem', cell: ({ line }: Row) => (line === null ? null : <span class="job-line">{number(line)}</span>) }]
      : []),
    ...(tab === 'ALL' ? [{ id: 'outcome', header: words.outcome, width: '9rem', cell: ({ outcome }: Row) => <State outcome={outcome} /> }] : []),
    { id: 'reason', header: words.reason, width: '1.8fr', cell: (item) => <span class="job-reason"><Marked text={reasonOf(item, t.words.skipReason)} /></span> },
  ];
}

/** Reads again while the job goes on, at most once a second. */
function useFollow(progress: string, refresh: () => void) {
  const first = useRef(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, PAUSE_MS);
  }, [progress]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

type Counts = Loaded<{ bulkJob: Record<Outcome, { totalCount: number }> | null }>['data'];

function OutcomeTabs({ job, tab, counts }: { job: Job; tab: Tab; counts: Counts }) {
  const count = (outcome: Outcome) => counts?.bulkJob?.[outcome].totalCount;
  const shown = OUTCOMES.filter((outcome) => outcome === tab || job.kind === 'IMPORT' || (outcome !== 'UPDATED' && outcome !== 'UNCHANGED'));
  const tabs = [
    { id: 'ALL', label: t.jobs.all, count: job.done },
    ...shown.map((id) => ({ id, label: t.words.itemOutcome[id], ...(count(id) !== undefined && { count: count(id) }) })),
  ];
  return <Tabs label={t.jobs.tabs} tabs={tabs} current={tab} onChange={(id) => setParams({ outcome: id === 'ALL' ? '' : id })} />;
}

export function Items({ job }: { job: Job }) {
  const tab: Tab = OUTCOMES.find((outcome) => outcome === params.value.get('outcome')) ?? 'ALL';
  const list = useList(ITEMS, { id: job.id, outcome: tab === 'ALL' ? null : tab }, ({ bulkJob }) => bulkJob && {
    ...bulkJob.items, nodes: bulkJob.items.nodes.map((item): Row => ({ ...item, id: String(item.position) })),
  });
  const counts = useQuery(OUTCOME_COUNTS, { id: job.id });
  useFollow(`${job.done}.${job.status}`, () => {
    // Rows are only added at the end: until the first page is full, nothing moves.
    if (list.rows.length < PAGE) list.reload();
    else list.refresh();
    counts.reload();
  });
  const columns = useMemo(() => columnsOf(job, tab), [job.kind, tab]);
  const label = tab === 'ALL' ? t.jobs.all : t.words.itemOutcome[tab];
  return (
    <div class="job-items">
      <OutcomeTabs job={job} tab={tab} counts={counts.data} />
      <div role="tabpanel" aria-label={label}>
        <Table list={list} columns={columns} label={label} rowLabel={nameOf} href={({ contact }) => (contact ? link(`contacts/${contact.id}`) : '')}
          empty={<Empty icon="jobs" title={t.jobs.noItems}>{isOpen(job) && <p>{t.jobs.noItemsYet}</p>}</Empty>} />
      </div>
    </div>
  );
}
