// The names of what steps and triggers are about.
import { useMemo } from 'preact/hooks';
import { graphql, useQuery } from '../../api';
import type { Values } from './editing';
import { flat } from './tree';

const NAMES = graphql(`
  query WorkflowNames($ids: [ID!]!) {
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

export type Names = ReadonlyMap<string, string>;

const idsOf = ({ triggers, items }: Values): string[] => [
  ...triggers.flatMap(({ targetIds }) => targetIds),
  ...flat(items).flatMap((step) => {
    if ('templateId' in step) return [step.templateId];
    if ('target' in step) return [step.target];
    if (step.kind === 'wait' && step.wait.form === 'event') return step.wait.event.targetIds;
    if (step.kind !== 'branch') return [];
    const { offerIds, withoutOfferIds, courseIds, withoutCourseIds, communityIds, withoutCommunityIds } = step.condition;
    return [offerIds, withoutOfferIds, courseIds, withoutCourseIds, communityIds, withoutCommunityIds].flatMap((ids) => (Array.isArray(ids) ? (ids as string[]) : []));
  }),
];

export function useNames(values: Values): Names {
  const ids = [...new Set(idsOf(values))].filter(Boolean).slice(0, MOST).sort();
  const { data } = useQuery(NAMES, { ids }, { pause: ids.length === 0 });
  return useMemo(() => new Map((data?.nodes ?? []).flatMap((node): [string, string][] => {
    if (!node || !('id' in node)) return [];
    return [[node.id, 'name' in node ? node.name : node.title]];
  })), [data]);
}
