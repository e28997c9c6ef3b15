// The conditions of a list as they are edited: by their names in the API, in the order in which they were added. Each can be there once.
import type { ResultOf } from '../../api';
import { ApiError, graphql } from '../../api';
import type { ItemKind } from '../../components/content/items';
import type { Filter } from '../contacts/state';

export const LIST = graphql(`
  query SmartList($id: ID!) {
    smartList(id: $id) {
      id name count problem updatedAt
      filter {
        affiliate allTags communityIds courseIds courseProgress { courseId progress } createdAfter createdBefore createdForDays createdWithinDays
        invitedAfter invitedBefore invitedForDays invitedWithinDays joinedAfter joinedBefore joinedForDays joinedWithinDays
        lastSeenAfter lastSeenBefore noTags
        notSeenForDays offerIds portalStatus search seenWithinDays tags withoutCommunityIds withoutCourseIds withoutOfferIds
      }
    }
  }
`);

export type SmartList = NonNullable<ResultOf<typeof LIST>['smartList']>;

export type ConditionName = keyof SmartList['filter'];

export type Progress = NonNullable<SmartList['filter']['courseProgress']>;

/** What a condition may hold while it is edited: empty is not complete yet. */
export type Value = boolean | number | string | readonly string[] | Progress | null;

export type Conditions = Partial<Record<ConditionName, Value>>;

export const GROUPS = {
  contact: ['portalStatus', 'search', 'affiliate'],
  tags: ['tags', 'allTags', 'noTags'],
  dates: [
    'createdWithinDays', 'createdForDays', 'createdAfter', 'createdBefore', 'invitedWithinDays', 'invitedForDays', 'invitedAfter', 'invitedBefore',
    'joinedWithinDays', 'joinedForDays', 'joinedAfter', 'joinedBefore', 'seenWithinDays', 'notSeenForDays', 'lastSeenAfter', 'lastSeenBefore',
  ],
  access: ['offerIds', 'withoutOfferIds', 'courseIds', 'withoutCourseIds', 'communityIds', 'withoutCommunityIds'],
  progress: ['courseProgress'],
} as const satisfies Record<string, readonly ConditionName[]>;

export const GROUP_NAMES = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

const NAMES: readonly ConditionName[] = GROUP_NAMES.flatMap((group) => GROUPS[group]);

export const ITEMS: Partial<Record<ConditionName, ItemKind>> = {
  offerIds: 'offer', withoutOfferIds: 'offer', courseIds: 'course', withoutCourseIds: 'course', communityIds: 'community', withoutCommunityIds: 'community',
};

const LISTS: readonly ConditionName[] = ['portalStatus', 'tags', 'allTags', 'noTags', ...(Object.keys(ITEMS) as ConditionName[])];

/** What a condition starts with. */
export function emptyOf(name: ConditionName): Value {
  if (LISTS.includes(name)) return [];
  if (name === 'affiliate') return true;
  if (name === 'courseProgress') return { courseId: '', progress: 'STARTED' };
  return name.endsWith('Days') ? 30 : '';
}

export function isComplete(value: Value | undefined): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && 'courseId' in value) return value.courseId !== '';
  return typeof value !== 'string' || value.trim() !== '';
}

/** The conditions that the API has, in the order of the groups. */
export function conditionsOf(filter: Partial<Record<string, unknown>>): Conditions {
  const given = NAMES.flatMap((name): [ConditionName, Value][] => {
    const value = filter[name] as Value | undefined;
    if (value === undefined || !isComplete(value)) return [];
    const { courseId, progress } = value as Progress;
    return [[name, name === 'courseProgress' ? { courseId, progress } : value]];
  });
  return Object.fromEntries(given);
}

/** As the API takes them: without those that are not complete. */
export const filterOf = (conditions: Conditions): Filter =>
  Object.fromEntries(Object.entries(conditions).filter(([, value]) => isComplete(value)));

export const incomplete = (conditions: Conditions): ConditionName[] =>
  (Object.keys(conditions) as ConditionName[]).filter((name) => !isComplete(conditions[name]));

const inOrder = (conditions: Conditions): string => JSON.stringify(NAMES.map((name) => conditions[name] ?? null));

export const sameConditions = (one: Conditions, other: Conditions): boolean =>
  inOrder(one) === inOrder(other) && Object.keys(one).length === Object.keys(other).length;

/** The condition that an error is about: of `input.filter.tags` when saving, of `filter.tags` when reading. */
export function conditionOf(error: unknown): ConditionName | undefined {
  const name = error instanceof ApiError ? /^(?:input\.)?filter\.(\w+)/.exec(error.field ?? '')?.[1] : undefined;
  return NAMES.find((known) => known === name);
}
