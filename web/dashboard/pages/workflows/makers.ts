// Workflows that sent a message or changed something, by name for those who may read them.
import { useCallback, useMemo } from 'preact/hooks';
import { graphql, may, useQuery } from '../../api';
import { t } from '../../i18n';

const NAMES = graphql(`
  query WorkflowNames($ids: [ID!]!) {
    nodes(ids: $ids) { __typename ... on Workflow { id name } }
  }
`);

const MOST = 100;

export const isWorkflow = (by: string): boolean => by.startsWith('workflow_');

/** The names of those of the ids that are workflows, as far as this member may read them. */
export function useWorkflowNames(by: readonly string[]): ReadonlyMap<string, string> {
  const ids = [...new Set(by.filter(isWorkflow))].slice(0, MOST).sort();
  const { data } = useQuery(NAMES, { ids }, { pause: !ids.length || !may('ADMIN') });
  return useMemo(() => new Map((data?.nodes ?? []).flatMap((node): [string, string][] => (node?.__typename === 'Workflow' ? [[node.id, node.name]] : []))), [data]);
}

export function workflowText(id: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(id);
  return name === undefined ? t.workflowRuns.bySome : t.workflowRuns.by(name);
}

type Made = { kind: keyof typeof t.words.messageKind; createdBy: string };

/** What kind of message it is: one of a workflow was not written by staff. */
export function useKindText(messages: readonly Made[]): (message: Made) => string {
  const names = useWorkflowNames(messages.map(({ createdBy }) => createdBy));
  return useCallback(({ kind, createdBy }) => (kind === 'WRITTEN' && isWorkflow(createdBy) ? workflowText(createdBy, names) : t.words.messageKind[kind]), [names]);
}
