// What starts a workflow, in words.
import type { ItemKind } from '../../components/content/items';
import { t } from '../../i18n';
import type { Rule, Trigger } from './documents';

export const TRIGGER_GROUPS = {
  access: [
    'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED', 'COURSE_ASSIGNED', 'COURSE_REVOKED', 'COMMUNITY_ACCESS_GRANTED', 'COMMUNITY_ACCESS_REVOKED',
  ],
  portal: ['CONTACT_INVITED', 'INVITATION_UNANSWERED', 'CONTACT_JOINED', 'NEW_SIGN_UP', 'PORTAL_SIGN_IN', 'CONTACT_INACTIVE'],
  courses: ['COURSE_STARTED', 'LESSON_COMPLETED', 'MODULE_COMPLETED', 'COURSE_COMPLETED'],
  contacts: ['CONTACT_CREATED', 'TAG_ADDED', 'TAG_REMOVED', 'AFFILIATE_ENROLLED', 'AFFILIATE_SALE'],
} as const satisfies Record<string, readonly Trigger[]>;

export const TRIGGER_GROUP_NAMES = Object.keys(TRIGGER_GROUPS) as (keyof typeof TRIGGER_GROUPS)[];

const TARGETS: Partial<Record<Trigger, ItemKind>> = {
  OFFER_ACCESS_GRANTED: 'offer', OFFER_ACCESS_REVOKED: 'offer',
  COURSE_ASSIGNED: 'course', COURSE_REVOKED: 'course', COURSE_STARTED: 'course', COURSE_COMPLETED: 'course', LESSON_COMPLETED: 'course', MODULE_COMPLETED: 'course',
  COMMUNITY_ACCESS_GRANTED: 'community', COMMUNITY_ACCESS_REVOKED: 'community',
};

/** What the trigger can be limited to. */
export const targetsOf = (trigger: Trigger): ItemKind | undefined => TARGETS[trigger];

/** It fires some days after something happened: it only starts workflows. */
export const isTimed = (trigger: Trigger): boolean => trigger === 'INVITATION_UNANSWERED' || trigger === 'CONTACT_INACTIVE';

export const hasTags = (trigger: Trigger): boolean => trigger === 'TAG_ADDED' || trigger === 'TAG_REMOVED';

export const emptyRule = (trigger: Trigger): Rule => ({ trigger, targetIds: [], tags: [], days: isTimed(trigger) ? 3 : null });

/** As the API takes it: a trigger has only what it knows. */
export const ruleInput = ({ trigger, targetIds, tags, days }: Rule) => ({
  trigger,
  ...(targetIds.length && { targetIds }),
  ...(hasTags(trigger) && tags.length && { tags }),
  ...(isTimed(trigger) && { days }),
});

/** `Course completed: Baking`; `names` are the titles of the ids that are known. */
export function ruleText({ trigger, targetIds, tags, days }: Rule, names: ReadonlyMap<string, string> = new Map()): string {
  const text = days === null ? t.workflows.trigger[trigger] : t.workflows.timedTrigger[trigger === 'CONTACT_INACTIVE' ? trigger : 'INVITATION_UNANSWERED'](days);
  const limits = [...tags, ...targetIds.map((id) => names.get(id) ?? '…')];
  if (!limits.length) return text;
  // In a list the titles aren't read.
  return names.size || tags.length ? t.workflows.limited(text, t.workflows.anyOf(limits)) : t.workflows.limited(text, t.workflows.chosen(targetIds.length));
}

export const triggersText = (rules: readonly Rule[]): string => (rules.length ? rules.map((rule) => ruleText(rule)).join(' · ') : t.workflows.noTrigger);
