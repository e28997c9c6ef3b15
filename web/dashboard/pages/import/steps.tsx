// The steps of an import: each has an address, so that the browser's Back leads to the one before.
import type { ComponentChildren } from 'preact';
import { Button, Icon } from '../../components';
import { t } from '../../i18n';
import { link, navigate, params } from '../../router';
import { work } from './work';

export const STEPS = ['file', 'columns', 'check', 'start'] as const;

export type Step = (typeof STEPS)[number];

const stepHref = (step: Step): string => link('import', { step: step === 'file' ? '' : step });

export const goTo = (step: Step): void => navigate(stepHref(step));

/** The step of the address, if what it needs is there. */
export function currentStep(): Step {
  const asked = STEPS.find((step) => step === params.value.get('step')) ?? 'file';
  const now = work.value;
  if (!now) return 'file';
  return asked === 'file' || now.targets.includes('email') ? asked : 'columns';
}

export function StepList({ current }: { current: Step }) {
  const at = STEPS.indexOf(current);
  const words = t.jobs.import;
  const reachable = (index: number) => index < 2 || work.value?.targets.includes('email');
  return (
    <nav aria-label={words.steps}>
      <ol class="import-steps">
        {STEPS.map((step, index) => {
          const content = (
            <>
              <span class="import-step-mark" aria-hidden="true">{index < at ? <Icon name="check" /> : index + 1}</span>
              <span class="import-step-name">{words.step[step]}</span>
              {index < at && <span class="unseen"> ({words.stepDone})</span>}
            </>
          );
          return (
            <li key={step} data-state={index < at ? 'done' : index === at ? 'now' : 'later'}>
              {work.value && index !== at && reachable(index)
                ? <a href={stepHref(step)}>{content}</a>
                : <span aria-current={index === at ? 'step' : undefined}>{content}</span>}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

type StepFootProps = { back?: Step; next?: Step; disabled?: boolean; children?: ComponentChildren };

export const StepFoot = ({ back, next, disabled, children }: StepFootProps) => (
  <footer class="import-foot">
    {back && <Button kind="quiet" onClick={() => goTo(back)}>{t.jobs.import.back}</Button>}
    {children}
    {next && <Button class="import-next" disabled={disabled} onClick={() => goTo(next)}>{t.jobs.import.next}</Button>}
  </footer>
);
