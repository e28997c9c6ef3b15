import type { IconName, Tone } from '../../../components';
import { Icon, Status, Time } from '../../../components';
import { t } from '../../../i18n';
import { link } from '../../../router';
import type { Contact } from '../contact';
import { StepAction } from './action';
import type { Item, Step } from './documents';
import { whenOf } from './documents';

const LOOKS: Record<Step['outcome'], { icon: IconName; tone: Tone }> = {
  PASS: { icon: 'check', tone: 'good' }, WARN: { icon: 'alert', tone: 'warn' }, FAIL: { icon: 'close', tone: 'bad' },
};

type StepProps = { contact: Contact; step: Step; item: Item | undefined; onChanged: () => void };

export function StepEntry({ contact, step, item, onChanged }: StepProps) {
  const { icon, tone } = LOOKS[step.outcome];
  const when = t.accessReport.when[whenOf(step)];
  return (
    <li class="report-step" data-outcome={step.outcome} data-kind={step.kind}>
      <span class="report-icon" data-tone={tone}><Icon name={icon} /></span>
      <div class="report-text">
        <h3>
          {t.accessReport.kind[step.kind]}
          {step.outcome === 'PASS' ? <span class="unseen">: {t.accessReport.outcome.PASS}</span> : <Status tone={tone}>{t.accessReport.outcome[step.outcome]}</Status>}
        </h3>
        <p>{t.accessReport.reason[step.reason]}</p>
        {step.at && <p class="hint">{when}{when && ' '}<Time at={step.at} style="full" /></p>}
        {step.kind === 'DELIVERY' && step.targetId && <p><a href={link(`messages/${step.targetId}`)}>{t.accessReport.showMessage}</a></p>}
      </div>
      <StepAction contact={contact} step={step} item={item} onChanged={onChanged} />
    </li>
  );
}
