// One run: its way through the flow, with time, outcome and reason of each step.
import { useEffect, useState } from 'preact/hooks';
import { useActivity, useQuery } from '../../api';
import { Banner, Button, ButtonLink, Card, Empty, ErrorNotice, Skeleton } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';
import { noWriting } from '../workflows/documents';
import type { Counts } from './counts';
import type { Run } from './documents';
import { RUN } from './documents';
import type { Shown } from './flow';
import { Flow } from './index';
import { RunState, StopRuns, whoOf } from './runs';
import type { Step } from './steps';
import { flat } from './tree';
import type { Way } from './way';
import { WayState, wayOfRun } from './way';

type RunPageProps = { id: string; shown: Shown; counts: Counts };

export function RunPage({ id, shown, counts }: RunPageProps) {
  const { data, error, reload } = useQuery(RUN, { id });
  const numbers = JSON.stringify([counts.runs, ...counts.steps.values()]);
  useEffect(() => reload(), [numbers]);
  const run = data?.node?.__typename === 'WorkflowRun' ? data.node : null;
  // What became of its messages.
  useActivity(({ contactId }) => {
    if (contactId && contactId === run?.contact?.id) reload();
  });
  const list = <ButtonLink kind="quiet" size="small" icon="arrow-left" href={link(`workflows/${shown.editing.workflow.id}`, { tab: 'runs' })}>{t.workflowRuns.allRuns}</ButtonLink>;
  if (run) return <RunWay run={run} shown={shown} counts={counts} list={list} onChanged={reload} />;
  if (data) return <Empty icon="people" title={t.workflowRuns.runMissing}>{list}</Empty>;
  return error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />;
}

type RunWayProps = { run: Run; shown: Shown; counts: Counts; list: preact.JSX.Element; onChanged: () => void };

function RunWay({ run, shown, counts, list, onChanged }: RunWayProps) {
  const [asking, setAsking] = useState(false);
  const { workflow, values } = shown.editing;
  const steps = flat(values.items);
  const way = wayOfRun(run);
  const gone = new Map([...way].filter(([key]) => !steps.some((step) => step.key === key)));
  const titles = new Map(steps.map((step) => [step.key, t.workflows.kind[step.kind]]));
  const name = whoOf(run.contact);
  return (
    <div class="workflow-part">
      <div>{list}</div>
      <Card title={name} action={run.status === 'RUNNING' && <Button kind="quiet" size="small" icon="stop" disabledReason={noWriting()} onClick={() => setAsking(true)}>{t.workflowRuns.stopRun}</Button>}>
        <p>{t.workflowRuns.startedBy(t.workflows.trigger[run.trigger])}{run.contact && <> <a href={link(`contacts/${run.contact.id}`)}>{t.workflowRuns.openContact}</a></>}</p>
        <RunState run={run} titles={titles} />
      </Card>
      {run.version !== workflow.version && <Banner tone="info">{t.workflowRuns.otherVersion(number(run.version))}</Banner>}
      {gone.size > 0 && <Gone way={gone} />}
      <Flow shown={{ editing: shown.editing, names: shown.names, problems: new Map(), counts: new Map(), way, end: endOf(run, steps) }} />
      {asking && <StopRuns workflowId={workflow.id} stopping={{ runIds: [run.id], name }} running={1} onClose={() => setAsking(false)} onDone={() => {
        onChanged();
        counts.reload();
      }} />}
    </div>
  );
}

/** A run that is on its way, or ended elsewhere, doesn't come to the end of the flow. */
function endOf({ status, steps: taken }: Run, steps: readonly Step[]): string | null {
  const last = taken[taken.length - 1]?.key;
  const stopped = steps.some(({ key, kind }) => key === last && kind === 'stop');
  return status === 'COMPLETED' && !stopped ? t.workflowRuns.ended : null;
}

/** Steps of the run's version that the draft doesn't have any more. */
const Gone = ({ way }: { way: Way }) => (
  <Card title={t.workflowRuns.goneSteps}>
    <ul class="workflow-gone">{[...way].map(([key, state]) => <li key={key}><code>{key}</code><WayState state={state} /></li>)}</ul>
  </Card>
);
