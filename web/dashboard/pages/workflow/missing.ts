// What is wrong in a draft, and where: what was not filled in yet, what the server refused, and what has become wrong since.
import { ApiError } from '../../api';
import { t } from '../../i18n';
import { filterOf } from '../smart_list/conditions';
import type { Rule } from '../workflows/documents';
import { isTimed } from '../workflows/triggers';
import type { Editing, Values } from './editing';
import type { Duration, Step } from './steps';
import type { Item } from './tree';
import { stepNames } from './describe';
import { problemText } from './problem_text';
import { flat } from './tree';

const whole = (value: number | null): boolean => value !== null && Number.isInteger(value) && value >= 1;

const MINUTES: Record<Duration['unit'], number> = { MINUTES: 1, HOURS: 60, DAYS: 24 * 60 };

const MOST_MINUTES = 365 * MINUTES.DAYS;

export function durationMissing({ amount, unit }: Duration): string | undefined {
  if (!whole(amount)) return t.workflows.amountWrong;
  return amount * MINUTES[unit] > MOST_MINUTES ? t.workflows.tooLong : undefined;
}

export const ruleMissing = ({ trigger, days }: Rule): string | undefined => (isTimed(trigger) && !(whole(days) && Number(days) <= 365) ? t.workflows.daysWrong : undefined);

/** What has to be filled in before the step can be saved. */
export function stepMissing(step: Step): string | undefined {
  switch (step.kind) {
    case 'sendEmail': case 'sendSms': return step.templateId ? undefined : t.workflows.templateMissing;
    case 'branch': return Object.keys(filterOf(step.condition)).length ? undefined : t.workflows.conditionMissing;
    case 'addTags': case 'removeTags': return step.tags.length ? undefined : t.workflows.tagsMissing;
    case 'grantOffer': case 'revokeOffer': case 'assignCourse': case 'addToCommunity': return step.target ? undefined : t.workflows.targetMissing[step.kind];
    case 'wait':
      if (step.wait.form === 'duration') return durationMissing(step.wait.duration);
      if (step.wait.form === 'event') return ruleMissing(step.wait.event) ?? durationMissing(step.wait.atMost);
      return (step.wait.form === 'until' ? step.wait.until : step.wait.untilTime) ? undefined : t.workflows.timeMissing;
    default: return undefined;
  }
}

/** Both ways of a fork are empty, and nothing follows: the server would say that it leads nowhere. */
export function leadsNowhere(items: readonly Item[], follows = false): string[] {
  return items.flatMap(({ step, ways }, index) => {
    if (!ways) return [];
    const after = follows || index < items.length - 1;
    const empty = !after && !ways.yes.length && !ways.no.length && step.kind === 'branch';
    return [...(empty ? [step.key] : []), ...leadsNowhere(ways.yes, after), ...leadsNowhere(ways.no, after)];
  });
}

export const firstMissing = ({ triggers, items }: Values): string | undefined =>
  triggers.map(ruleMissing).find(Boolean) ?? flat(items).map(stepMissing).find(Boolean) ?? (leadsNowhere(items).length ? t.workflows.leadsNowhere : undefined);

/** The problems of each place: the key of a step, `trigger.2`, or `workflow`. */
export type Problems = ReadonlyMap<string, readonly string[]>;

/** Where a field of the input of `updateWorkflow` is: steps are counted as they are sent. */
export function placeOf(field: string, keys: readonly string[]): string {
  const [, part, index] = /^(?:input\.)?(steps|triggers|settings)(?:\.(\d+))?/.exec(field) ?? [];
  if (part === 'steps' && index) return keys[Number(index)] ?? 'workflow';
  if (part === 'settings') return 'settings';
  return part === 'triggers' && index ? `trigger.${index}` : 'workflow';
}

export function problemsOf({ values, workflow, dirty, checked, error }: Editing): Problems {
  const found = new Map<string, string[]>();
  const add = (place: string, message: string | undefined) => {
    if (!message) return;
    const before = found.get(place) ?? [];
    const text = problemText(message, place === 'workflow' ? stepName : undefined);
    if (!before.includes(text)) found.set(place, [...before, text]);
  };
  const stepName = stepNames(flat(values.items));
  const keys = flat(values.items).filter(({ kind }) => kind !== 'goTo').map(({ key }) => key);
  if (checked) {
    values.triggers.forEach((rule, index) => add(`trigger.${index}`, ruleMissing(rule)));
    flat(values.items).forEach((step) => add(step.key, stepMissing(step)));
    leadsNowhere(values.items).forEach((key) => add(key, t.workflows.leadsNowhere));
  }
  if (error instanceof ApiError && error.field) add(placeOf(error.field, keys), error.message);
  if (!dirty) for (const { field, message, stepKey } of workflow.problems) add(stepKey ?? placeOf(field, keys), message);
  return found;
}
