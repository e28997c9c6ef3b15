// Publishing: what happens to the runs that are on their way, counted before.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { Button, Dialog, ErrorNotice, RadioGroup, Skeleton, toast } from '../../components';
import { number, t } from '../../i18n';
import type { InFlight, Workflow } from './documents';
import { stepNames } from './describe';
import { PUBLISH } from './documents';
import { problemText } from './problem_text';
import { stepOf } from './steps';

const IN_FLIGHT: readonly InFlight[] = ['FINISH', 'MOVE', 'STOP'];

type Counted = Record<InFlight, { finishing: number; moved: number; stopped: number }>;

async function countAll(workflowId: string): Promise<Counted> {
  const counts: Partial<Counted> = {};
  for (const inFlight of IN_FLIGHT) {
    const { publishWorkflow } = await mutate(PUBLISH, { input: { workflowId, inFlight, dryRun: true } });
    if (publishWorkflow) counts[inFlight] = publishWorkflow.inFlight;
  }
  return counts as Counted;
}

const sumOf = ({ finishing, moved, stopped }: Counted[InFlight]): number => finishing + moved + stopped;

/** The refusal of a step names it by its key. */
const inWords = ({ message, code, field, retryAfter }: ApiError, { steps }: Workflow): ApiError =>
  new ApiError(problemText(message, stepNames(steps.map(stepOf))), code, field, retryAfter);

type PublishDialogProps = { workflow: Workflow; onClose: () => void; onDone: () => void };

export function PublishDialog({ workflow, onClose, onDone }: PublishDialogProps) {
  const [counted, setCounted] = useState<Counted>();
  const [inFlight, setInFlight] = useState<InFlight>('FINISH');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    countAll(workflow.id).then(setCounted, setError);
  }, []);
  const publish = async () => {
    if (busy || !counted) return;
    setBusy(true);
    setError(undefined);
    try {
      await mutate(PUBLISH, { input: { workflowId: workflow.id, inFlight } });
      toast({ text: t.workflows.published(workflow.name) });
      onDone();
      onClose();
    } catch (failure) {
      setError(failure instanceof ApiError ? inWords(failure, workflow) : failure);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t.workflows.publishTitle(workflow.name)} form={{ onSubmit: publish }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy} disabled={!counted}>{t.workflows.publish}</Button>
      </>
    }>
      <div class="flow-fields">
        <p>{workflow.version === null ? t.workflows.publishFirst : t.workflows.publishNext}</p>
        {!counted && error === undefined && <Skeleton rows={2} />}
        {counted && workflow.version !== null && <Choice counted={counted} inFlight={inFlight} onChange={setInFlight} />}
        {error !== undefined && <ErrorNotice error={error} />}
      </div>
    </Dialog>
  );
}

function Choice({ counted, inFlight, onChange }: { counted: Counted; inFlight: InFlight; onChange: (inFlight: InFlight) => void }) {
  const running = sumOf(counted.FINISH);
  if (!running) return <p class="hint">{t.workflows.noneInFlight}</p>;
  return (
    <RadioGroup label={t.workflows.inFlight(running)} value={inFlight} onChange={onChange}
      options={IN_FLIGHT.map((value) => ({ value, label: t.workflows.inFlightOf[value], hint: hintOf(value, counted[value]) }))} />
  );
}

function hintOf(inFlight: InFlight, { finishing, moved, stopped }: Counted[InFlight]): string {
  if (inFlight === 'FINISH') return t.workflows.finishing(number(finishing));
  if (inFlight === 'STOP') return t.workflows.stopping(number(stopped));
  return [t.workflows.moving(number(moved)), stopped ? t.workflows.stepGone(number(stopped)) : '', t.workflows.changedBegins].filter(Boolean).join(' ');
}
