// The steps of a draft as they are edited: each has its kind, its key, and what the API's input of the kind has beside the keys of other steps.
import type { Rule } from '../workflows/documents';
import { emptyRule, ruleInput } from '../workflows/triggers';
import type { Conditions } from '../smart_list/conditions';
import { conditionsOf, filterOf } from '../smart_list/conditions';
import type { ApiStep, StepInput } from './documents';

export const KINDS = {
  messages: ['sendEmail', 'sendSms'],
  flow: ['wait', 'branch', 'stop', 'goTo'],
  contact: ['addTags', 'removeTags', 'grantOffer', 'revokeOffer', 'assignCourse', 'addToCommunity'],
} as const;

export const KIND_GROUPS = Object.keys(KINDS) as (keyof typeof KINDS)[];

export type Kind = (typeof KINDS)[keyof typeof KINDS][number];

export type Duration = { amount: number; unit: 'MINUTES' | 'HOURS' | 'DAYS' };

export type Wait =
  | { form: 'duration'; duration: Duration }
  | { form: 'until'; until: string }
  | { form: 'untilTime'; untilTime: string }
  | { form: 'event'; event: Rule; atMost: Duration };

export type Step = { key: string } & (
  | { kind: 'sendEmail'; templateId: string; marketing: boolean }
  | { kind: 'sendSms'; templateId: string }
  | { kind: 'wait'; wait: Wait }
  | { kind: 'branch'; condition: Conditions }
  | { kind: 'addTags' | 'removeTags'; tags: string[] }
  | { kind: 'grantOffer' | 'revokeOffer' | 'assignCourse' | 'addToCommunity'; target: string }
  | { kind: 'stop' }
  /** Goes on at another step; null: the run ends here. It is no step of the API's. */
  | { kind: 'goTo'; to: string | null }
);

export const WAIT_FORMS: readonly Wait['form'][] = ['duration', 'untilTime', 'until', 'event'];

const DAY: Duration = { amount: 1, unit: 'DAYS' };

export function emptyWait(form: Wait['form']): Wait {
  switch (form) {
    case 'duration': return { form, duration: DAY };
    case 'until': return { form, until: '' };
    case 'untilTime': return { form, untilTime: '09:00' };
    case 'event': return { form, event: emptyRule('CONTACT_JOINED'), atMost: { amount: 3, unit: 'DAYS' } };
  }
}

export function emptyStep(kind: Kind, key: string): Step {
  switch (kind) {
    case 'sendEmail': return { key, kind, templateId: '', marketing: false };
    case 'sendSms': return { key, kind, templateId: '' };
    case 'wait': return { key, kind, wait: emptyWait('duration') };
    case 'branch': return { key, kind, condition: { portalStatus: ['ACTIVE'] } };
    case 'addTags': case 'removeTags': return { key, kind, tags: [] };
    case 'stop': return { key, kind };
    case 'goTo': return { key, kind, to: null };
    default: return { key, kind, target: '' };
  }
}

/** It goes on in one of two ways. */
export const forks = (step: Step): boolean => step.kind === 'branch' || (step.kind === 'wait' && step.wait.form === 'event');

/** Nothing follows it. */
export const ends = (step: Step): boolean => step.kind === 'stop' || step.kind === 'goTo';

function waitOf({ event, atMost, duration, until, untilTime }: Extract<ApiStep, { __typename: 'WaitStep' }>): Wait {
  if (event) return { form: 'event', event, atMost: atMost ?? DAY };
  if (until) return { form: 'until', until };
  if (untilTime) return { form: 'untilTime', untilTime: untilTime.slice(0, 5) };
  return { form: 'duration', duration: duration ?? DAY };
}

/** A step as the API has it. */
export function stepOf(step: ApiStep): Step {
  const { key } = step;
  switch (step.__typename) {
    case 'SendEmailStep': return { key, kind: 'sendEmail', templateId: step.templateId, marketing: step.marketing };
    case 'SendSmsStep': return { key, kind: 'sendSms', templateId: step.templateId };
    case 'WaitStep': return { key, kind: 'wait', wait: waitOf(step) };
    case 'BranchStep': return { key, kind: 'branch', condition: conditionsOf(step.condition) };
    case 'AddTagsStep': return { key, kind: 'addTags', tags: step.tags };
    case 'RemoveTagsStep': return { key, kind: 'removeTags', tags: step.tags };
    case 'GrantOfferStep': return { key, kind: 'grantOffer', target: step.offerId };
    case 'RevokeOfferStep': return { key, kind: 'revokeOffer', target: step.offerId };
    case 'AssignCourseStep': return { key, kind: 'assignCourse', target: step.courseId };
    case 'AddToCommunityStep': return { key, kind: 'addToCommunity', target: step.communityId };
    case 'StopStep': return { key, kind: 'stop' };
  }
}

export const otherwiseOf = (step: ApiStep): string | null => ('otherwise' in step ? step.otherwise : null);

const waitInput = (wait: Wait) => {
  switch (wait.form) {
    case 'duration': return { duration: wait.duration };
    case 'until': return { until: wait.until };
    case 'untilTime': return { untilTime: wait.untilTime };
    case 'event': return { event: ruleInput(wait.event), atMost: wait.atMost };
  }
};

/** As the API takes it, with the keys of the steps that follow. */
export function stepInput(step: Exclude<Step, { kind: 'goTo' }>, next: string | null, otherwise: string | null): StepInput {
  const keys = { key: step.key, next };
  switch (step.kind) {
    case 'sendEmail': return { sendEmail: { ...keys, templateId: step.templateId, marketing: step.marketing } };
    case 'sendSms': return { sendSms: { ...keys, templateId: step.templateId } };
    case 'wait': return { wait: { ...keys, ...(forks(step) && { otherwise }), ...waitInput(step.wait) } };
    case 'branch': return { branch: { ...keys, otherwise, condition: filterOf(step.condition) } };
    case 'addTags': return { addTags: { ...keys, tags: step.tags } };
    case 'removeTags': return { removeTags: { ...keys, tags: step.tags } };
    case 'grantOffer': return { grantOffer: { ...keys, offerId: step.target } };
    case 'revokeOffer': return { revokeOffer: { ...keys, offerId: step.target } };
    case 'assignCourse': return { assignCourse: { ...keys, courseId: step.target } };
    case 'addToCommunity': return { addToCommunity: { ...keys, communityId: step.target } };
    case 'stop': return { stop: { key: step.key } };
  }
}

export const triggersInput = (triggers: readonly Rule[]) => triggers.map(ruleInput);
