// A step in words.
import type { IconName } from '../../components';
import { language, number, t } from '../../i18n';
import type { ConditionName, Conditions, Progress, Value } from '../smart_list/conditions';
import { ITEMS, isComplete } from '../smart_list/conditions';
import { ruleText } from '../workflows/triggers';
import type { Names } from './names';
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

function valueText(name: ConditionName, value: Value, names: Names): string {
  if (name === 'portalStatus') return t.workflows.anyOf((value as (keyof typeof t.words.portalStatus)[]).map((status) => t.words.portalStatus[status]));
  if (name === 'affiliate') return value ? t.smartLists.affiliate : t.smartLists.noAffiliate;
  if (name === 'courseProgress') {
    const { courseId, progress } = value as Progress;
    return `${names.get(courseId) ?? '…'}: ${t.smartLists.progressOf[progress]}`;
  }
  if (ITEMS[name]) return t.workflows.anyOf((value as string[]).map((id) => names.get(id) ?? '…'));
  if (Array.isArray(value)) return (value as string[]).join(', ');
  if (typeof value === 'string' && name !== 'search') return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(value));
  return value as string;
}

export function conditionTexts(conditions: Conditions, names: Names): string[] {
  return (Object.entries(conditions) as [ConditionName, Value][]).filter(([, value]) => isComplete(value)).map(([name, value]) => {
    const label = t.smartLists.condition[name];
    return typeof value === 'number' ? label.replace('…', number(value)) : `${label}: ${valueText(name, value, names)}`;
  });
}

/** What the step does, without its kind. */
export function stepText(step: Step, names: Names, titleOf: (key: string) => string): string {
  switch (step.kind) {
    case 'sendEmail': case 'sendSms': return step.templateId ? (names.get(step.templateId) ?? '…') : t.workflows.templateMissing;
    case 'wait': return waitText(step.wait, names);
    case 'branch': return conditionTexts(step.condition, names).join('; ') || t.workflows.conditionMissing;
    case 'addTags': case 'removeTags': return step.tags.join(', ') || t.workflows.tagsMissing;
    case 'stop': return t.workflows.stopText;
    case 'goTo': return step.to === null ? t.workflows.stopText : t.workflows.goesOnAt(titleOf(step.to));
    default: return step.target ? (names.get(step.target) ?? '…') : t.workflows.targetMissing[step.kind];
  }
}

/** The ways of a fork. */
export const wayText = (step: Step, way: 'yes' | 'no'): string =>
  step.kind === 'wait' ? (way === 'yes' ? t.workflows.eventCame : t.workflows.eventDidNot) : way === 'yes' ? t.workflows.ifSo : t.workflows.ifNot;
