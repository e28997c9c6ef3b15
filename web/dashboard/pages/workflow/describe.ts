// A step in words.
import type { IconName } from '../../components';
import { language, t } from '../../i18n';
import type { Names } from '../smart_list/words';
import { conditionTexts } from '../smart_list/words';
import { ruleText } from '../workflows/triggers';
import type { Duration, Kind, Step, Wait } from './steps';

export const ICON: Record<Kind, IconName> = {
  sendEmail: 'mail', sendSms: 'send', wait: 'clock', branch: 'workflow', addTags: 'tag', removeTags: 'tag', grantOffer: 'offer', revokeOffer: 'offer',
  assignCourse: 'book', addToCommunity: 'community', stop: 'stop', goTo: 'undo',
};

export const durationText = ({ amount, unit }: Duration): string => t.workflows.span[unit](amount);

function waitText(wait: Wait, names: Names): string {
  switch (wait.form) {
    case 'duration': return t.workflows.waitFor(durationText(wait.duration));
    case 'until': return wait.until ? t.workflows.waitUntil(new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(wait.until))) : '';
    case 'untilTime': return t.workflows.waitUntilTime(wait.untilTime);
    case 'event': return t.workflows.waitEvent(ruleText(wait.event, names), durationText(wait.atMost));
  }
}

/** What the step does, without its kind. */
export function stepText(step: Step, names: Names, titleOf: (key: string) => string): string {
  switch (step.kind) {
    case 'sendEmail': case 'sendSms':
      if (!step.templateId) return t.workflows.templateMissing;
      return [names.get(step.templateId) ?? '…', step.kind === 'sendEmail' && step.marketing && t.compose.marketing].filter(Boolean).join(' · ');
    case 'wait': return waitText(step.wait, names);
    case 'branch': return conditionTexts(step.condition, names).join('; ') || t.workflows.conditionMissing;
    case 'addTags': case 'removeTags': return step.tags.join(', ') || t.workflows.tagsMissing;
    case 'stop': return t.workflows.stopText;
    case 'goTo': return step.to === null ? t.workflows.stopText : t.workflows.goesOnAt(titleOf(step.to));
    default: return step.target ? (names.get(step.target) ?? '…') : t.workflows.targetMissing[step.kind];
  }
}

/** What kind of step a key is of. */
export const stepNames = (steps: readonly Step[]) => (key: string): string => {
  const step = steps.find((each) => each.key === key);
  return step ? t.workflows.kind[step.kind] : key;
};

/** The ways of a fork. */
export const wayText = (step: Step, way: 'yes' | 'no'): string =>
  step.kind === 'wait' ? (way === 'yes' ? t.workflows.eventCame : t.workflows.eventDidNot) : way === 'yes' ? t.workflows.ifSo : t.workflows.ifNot;
