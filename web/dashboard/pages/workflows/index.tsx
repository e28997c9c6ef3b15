import { useMemo, useState } from 'preact/hooks';
import { useList, useRefreshOnReturn } from '../../api';
import type { Column } from '../../components';
import { Button, Empty, FilterChips, PageHeader, Status, Table, Time } from '../../components';
import { number, t } from '../../i18n';
import { link, params, setParams } from '../../router';
import type { WorkflowRow } from './documents';
import { STATUSES, TONES, WORKFLOWS, noWriting } from './documents';
import { NewWorkflow } from './new_workflow';
import { triggersText } from './triggers';

const Name = ({ workflow: { name, triggers } }: { workflow: WorkflowRow }) => (
  <span class="workflow-name">
    <bdi>{name}</bdi>
    <span class="hint" dir="auto">{triggersText(triggers)}</span>
  </span>
);

const columns = (): Column<WorkflowRow>[] => [
  { id: 'name', header: t.workflows.name, width: '3fr', cell: (workflow) => <Name workflow={workflow} /> },
  {
    id: 'status', header: t.workflows.status, width: '10rem',
    cell: ({ status, hasChanges }) => (
      <span class="workflow-name">
        <Status tone={TONES[status]}>{t.workflows.statusOf[status]}</Status>
        {hasChanges && (status === 'PUBLISHED' || status === 'PAUSED') && <span class="hint">{t.workflows.hasChanges}</span>}
      </span>
    ),
  },
  {
    id: 'runs', header: t.workflows.tabs.runs, width: '11rem',
    cell: ({ running, completed }) => <span class="workflow-name workflow-runs"><span>{t.workflows.running(number(running?.totalCount ?? 0))}</span><span class="hint">{t.workflows.finished(number(completed?.totalCount ?? 0))}</span></span>,
  },
  { id: 'updated', header: t.access.updated, width: '9rem', hideBelow: 'tablet', cell: ({ updatedAt }) => <span class="hint"><Time at={updatedAt} /></span> },
];

export default function Workflows() {
  const refused = noWriting();
  return refused
    ? (
      <>
        <PageHeader title={t.shell.workflows} description={t.workflows.description} />
        <Empty icon="lock" title={t.workflows.notYours}><p>{refused}</p></Empty>
      </>
    )
    : <List />;
}

function List() {
  const [asking, setAsking] = useState(false);
  const statuses = STATUSES.filter((name) => params.value.getAll('status').includes(name));
  // What was put away is shown when it is asked for.
  const status = statuses.length ? statuses : STATUSES.filter((name) => name !== 'ARCHIVED');
  const list = useList(WORKFLOWS, { status }, ({ workflows }) => workflows);
  const shown = useMemo(columns, []);
  useRefreshOnReturn(list.refresh);
  const create = <Button icon="plus" onClick={() => setAsking(true)}>{t.shell.newWorkflow}</Button>;
  return (
    <div class="workflows">
      <PageHeader title={t.shell.workflows} description={t.workflows.description}>{create}</PageHeader>
      <FilterChips chips={[{ id: 'status', label: t.workflows.status, options: STATUSES.map((value) => ({ value, label: t.workflows.statusOf[value] })) }]}
        value={{ status: [...statuses] }} onChange={(next) => setParams({ status: next['status'] })} />
      <Table list={list} columns={shown} label={t.shell.workflows} href={({ id }) => link(`workflows/${id}`)} rowLabel={({ name }) => name} empty={statuses.length
        ? <Empty icon="search" title={t.workflows.noMatch}><Button kind="quiet" onClick={() => setParams({ status: undefined })}>{t.access.clear}</Button></Empty>
        : <Empty icon="workflow" title={t.workflows.none}><p>{t.workflows.noneHint}</p>{create}</Empty>} />
      {asking && <NewWorkflow onClose={() => setAsking(false)} />}
    </div>
  );
}
