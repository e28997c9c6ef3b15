import { useEffect, useRef, useState } from 'preact/hooks';
import { boot, may } from '../../api';
import { Empty, PageHeader } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { CheckStep } from './check_step';
import { ColumnsStep } from './columns_step';
import { FileStep } from './file_step';
import { StartStep } from './start_step';
import type { Step } from './steps';
import { StepList, currentStep } from './steps';
import { restoreWork, work } from './work';

function StepBody({ step }: { step: Step }) {
  const now = work.value;
  if (!now || step === 'file') return <FileStep />;
  if (step === 'columns') return <ColumnsStep now={now} />;
  return step === 'check' ? <CheckStep now={now} /> : <StartStep now={now} />;
}

/** Moves the focus to the heading of the step that was just opened. */
function useStepFocus(step: Step) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  return heading;
}

export default function Import() {
  useState(restoreWork);
  const step = currentStep();
  const heading = useStepFocus(step);
  const words = t.jobs.import;
  const titles = { file: words.fileTitle, columns: words.columnsTitle, check: words.checkTitle, start: words.startTitle };
  const header = <PageHeader title={words.title} back={{ href: link('jobs'), label: t.jobs.title }} description={words.noneYet} />;
  if (!may('CONTACTS')) {
    return (
      <div class="import">
        <PageHeader title={words.title} back={{ href: link('jobs'), label: t.jobs.title }} />
        <div class="card"><Empty icon="upload" title={t.common.noRole(t.words.role[boot.role])} /></div>
      </div>
    );
  }
  return (
    <div class="import">
      {header}
      <StepList current={step} />
      <section class="card import-card" aria-labelledby="import-step">
        <h2 id="import-step" ref={heading} tabIndex={-1}>{titles[step]}</h2>
        <StepBody key={step} step={step} />
      </section>
    </div>
  );
}
