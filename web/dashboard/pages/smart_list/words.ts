// Conditions in words.
import { useMemo } from 'preact/hooks';
import { graphql, useQuery } from '../../api';
import { language, number, t } from '../../i18n';
import type { ConditionName, Conditions, Progress, Value } from './conditions';
import { ITEMS, isComplete } from './conditions';

const NAMES = graphql(`
  query ItemNames($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Template { id name archived: status }
      ... on Offer { id title status }
      ... on Course { id title status }
      ... on Community { id title: name status }
    }
  }
`);

const MOST = 100;

/** The names of offers, courses, communities and templates, by id. */
export type Names = ReadonlyMap<string, string>;

export function useNames(ids: readonly string[]): Names {
  const wanted = [...new Set(ids)].filter(Boolean).slice(0, MOST).sort();
  const { data } = useQuery(NAMES, { ids: wanted }, { pause: wanted.length === 0 });
  return useMemo(() => new Map((data?.nodes ?? []).flatMap((node): [string, string][] => {
    if (!node || !('id' in node)) return [];
    return [[node.id, 'name' in node ? node.name : node.title]];
  })), [data]);
}

/** What conditions name by its id. */
export const idsOf = (conditions: Conditions): string[] => [
  ...(Object.keys(ITEMS) as ConditionName[]).flatMap((name) => (conditions[name] ?? []) as string[]),
  ...(conditions.courseProgress ? [(conditions.courseProgress as Progress).courseId] : []),
];

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

export const conditionTexts = (conditions: Conditions, names: Names): string[] =>
  (Object.entries(conditions) as [ConditionName, Value][]).filter(([, value]) => isComplete(value)).map(([name, value]) => {
    const label = t.smartLists.condition[name];
    return typeof value === 'number' ? label.replace('…', number(value)) : `${label}: ${valueText(name, value, names)}`;
  });
