import { useEffect, useMemo, useState } from 'preact/hooks';
import { mutate, useList } from '../../api';
import type { Column, Tone } from '../../components';
import { Button, Confirm, Empty, FilterChips, IconButton, Marked, Status, Table, Time, toast } from '../../components';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { noWriting } from '../workflows/documents';
import type { Counts } from './counts';
import type { RunRow, RunStatus } from './documents';
import { RUNS, RUN_STATUSES, STOP_RUNS } from './documents';
import type { Shown } from './flow';
import { RunPage } from './run';
import { flat } from './tree';

export const RUN_TONES: Record<RunStatus, Tone> = { RUNNING: 'busy', COMPLETED: 'good', STOPPED: 'none', FAILED: 'bad' };

export const whoOf = (contact: RunRow['contact']): string => contact?.name ?? contact?.email ?? t.common.aContact;

type RunsProps = { shown: Shown; counts: Counts };

export function Runs(props: RunsProps) {
  const run = params.value.get('run');
  return run ? <RunPage key={run} id={run} {...props} /> : <RunList {...props} />;
}

type Stopping = { runIds: string[]; name: string } | 'all';

function RunList({ shown, counts }: RunsProps) {
  const { workflow, values } = shown.editing;
  const status = RUN_STATUSES.find((name) => name === params.value.get('status')) ?? null;
  const list = useList(RUNS, { id: workflow.id, status }, (data) => data.workflow?.runs);
  const [stopping, setStopping] = useState<Stopping | null>(null);
  const running = counts.runs?.RUNNING ?? 0;
  const numbers = JSON.stringify(counts.runs);
  useEffect(() => list.refresh(), [numbers]);
  const titles = useMemo(() => new Map(flat(values.items).map((step) => [step.key, t.workflows.kind[step.kind]])), [values.items]);
  const columns = useMemo(() => columnsOf(titles, setStopping), [titles]);
  const noStopping = noWriting() ?? (running ? undefined : t.workflowRuns.noneRunning);
  const chip = { id: 'status', label: t.workflows.status, multiple: false, options: RUN_STATUSES.map((value) => ({ value, label: t.workflowRuns.runStatus[value], ...(counts.runs && { count: counts.runs[value] }) })) };
  return (
    <div class="workflow-part">
      <div class="workflow-run-filters">
        <FilterChips chips={[chip]} value={{ status: status ? [status] : [] }} onChange={(next) => setParams({ status: next['status'] })} />
        <Button kind="quiet" icon="stop" disabledReason={noStopping} onClick={() => setStopping('all')}>{t.workflowRuns.stopAll}</Button>
      </div>
      <Table list={list} columns={columns} label={t.workflows.tabs.runs} href={({ id }) => link(`workflows/${workflow.id}`, { tab: 'runs', run: id })} rowLabel={({ contact }) => whoOf(contact)}
        empty={<Empty icon="people" title={status ? t.workflowRuns.noRunsLike : t.workflowRuns.noRuns}><p>{t.workflowRuns.noRunsHint}</p></Empty>} />
      {stopping && <StopRuns workflowId={workflow.id} stopping={stopping} running={running} onClose={() => setStopping(null)} onDone={() => {
        list.reload();
        counts.reload();
      }} />}
    </div>
  );
}

const columnsOf = (titles: ReadonlyMap<string, string>, stop: (stopping: Stopping) => void): Column<RunRow>[] => [
  { id: 'contact', header: t.workflowRuns.contact, width: '2fr', cell: ({ contact }) => <bdi>{whoOf(contact)}</bdi> },
  { id: 'status', header: t.workflows.status, width: '2fr', cell: (run) => <RunState run={run} titles={titles} /> },
  { id: 'started', header: t.workflowRuns.started, width: '8rem', hideBelow: 'tablet', cell: ({ startedAt }) => <Time at={startedAt} /> },
  {
    id: 'stop', header: '', width: '3.5rem', align: 'end',
    cell: (run) => (run.status === 'RUNNING'
      ? <IconButton icon="stop" label={t.workflowRuns.stopOf(whoOf(run.contact))} disabledReason={noWriting()} onClick={() => stop({ runIds: [run.id], name: whoOf(run.contact) })} />
      : null),
  },
];

type Stated = Pick<RunRow, 'status' | 'currentStepKey' | 'dueAt' | 'endReason' | 'problem' | 'endedAt'>;

export const RunState = ({ run: { status, currentStepKey, dueAt, endReason, problem, endedAt }, titles }: { run: Stated; titles: ReadonlyMap<string, string> }) => (
  <span class="workflow-run-state">
    <Status tone={RUN_TONES[status]}>{t.workflowRuns.runStatus[status]}</Status>
    {status === 'RUNNING' && currentStepKey && <span class="hint">{titles.get(currentStepKey) ?? currentStepKey}, {t.workflowRuns.goesOn} <Time at={dueAt} style="full" /></span>}
    {endReason && <span class="hint">{t.workflowRuns.endReason[endReason]}</span>}
    {problem && <span class="hint" dir="auto"><Marked text={problem} /></span>}
    {endedAt && <span class="hint"><Time at={endedAt} /></span>}
  </span>
);

type StopRunsProps = { workflowId: string; stopping: Stopping; running: number; onClose: () => void; onDone: () => void };

export function StopRuns({ workflowId, stopping, running, onClose, onDone }: StopRunsProps) {
  const all = stopping === 'all';
  const confirm = async () => {
    const { stopWorkflowRuns } = await mutate(STOP_RUNS, { input: { workflowId, ...(all ? { all } : { runIds: stopping.runIds }) } });
    toast({ text: t.workflowRuns.stopped(stopWorkflowRuns?.stopped ?? 0) });
    onDone();
  };
  return (
    <Confirm open onClose={onClose} danger title={all ? t.workflowRuns.stopAllTitle(running) : t.workflowRuns.stopTitle(stopping.name)} action={all ? t.workflowRuns.stopAll : t.workflowRuns.stopRun} onConfirm={confirm}>
      <p>{t.workflowRuns.stopHint}</p>
    </Confirm>
  );
}
