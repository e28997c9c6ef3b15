import { useState } from 'preact/hooks';
import { boot, may } from '../../api';
import { Button, Card, Icon } from '../../components';
import { t } from '../../i18n';
import { dismissChecklist, isDismissed, useSteps } from './steps';
import type { Step } from './steps';

function Item({ step }: { step: Step }) {
  const { title, hint } = t.overview.steps[step.id];
  return (
    <li class="checklist-step" data-done={step.done || undefined}>
      <span class="checklist-mark">{step.done && <Icon name="check" />}</span>
      <div class="checklist-text">
        <strong>{title}{step.done && <span class="unseen"> ({t.overview.stepDone})</span>}</strong>
        {!step.done && <p class="hint">{step.hint ?? hint}</p>}
      </div>
      {!step.done && step.action}
    </li>
  );
}

/** The way from a new account to the first contact in the portal. */
export function Checklist() {
  const [dismissed, setDismissed] = useState(isDismissed);
  if (dismissed || !may('ADMIN')) return null;
  return <OpenChecklist onDismiss={() => { dismissChecklist(); setDismissed(true); }} />;
}

function OpenChecklist({ onDismiss }: { onDismiss: () => void }) {
  const steps = useSteps();
  const done = steps?.filter((step) => step.done).length ?? 0;
  if (!steps || done === steps.length) return null;
  return (
    <Card title={t.overview.checklistTitle(boot.accountName)} action={
      <Button kind="plain" size="small" icon="close" onClick={onDismiss}>{t.overview.dismissChecklist}</Button>
    }>
      <div class="checklist-progress">
        <progress value={done} max={steps.length} aria-label={t.overview.checklistProgress(done, steps.length)} />
        <span class="hint" aria-hidden="true">{t.overview.checklistProgress(done, steps.length)}</span>
      </div>
      <ol class="checklist">{steps.map((step) => <Item key={step.id} step={step} />)}</ol>
    </Card>
  );
}
