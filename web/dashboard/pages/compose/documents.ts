import type { ResultOf, VariablesOf } from '../../api';
import { ApiError, graphql, mutate } from '../../api';
import { t } from '../../i18n';

const SEND = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      count
      skippedCounts { reason count }
      bulkJob { id kind status total done failed skipped succeeded startsAt }
      messages { id status }
    }
  }
`);

export const LISTS = graphql(`
  query ComposeLists {
    smartLists(first: 100) { nodes { id name count problem } }
  }
`);

export const IN_LIST = graphql(`
  query ComposeListSample($id: ID!) {
    smartList(id: $id) { id contacts(first: 20) { nodes { id name email phone } } }
  }
`);

export const MATCHING = graphql(`
  query ComposeSample($filter: ContactFilter!) {
    contacts(filter: $filter, first: 20) { nodes { id name email phone } }
  }
`);

export type SendInput = VariablesOf<typeof SEND>['input'];
export type Sent = NonNullable<ResultOf<typeof SEND>['sendMessage']>;
export type Filter = VariablesOf<typeof MATCHING>['filter'];
export type { Template } from '../template/documents';

export async function send(input: SendInput): Promise<Sent> {
  const { sendMessage } = await mutate(SEND, { input });
  if (!sendMessage) throw new ApiError(t.common.unreachable, 'INTERNAL');
  return sendMessage;
}

/** What would happen; nothing is sent. */
export const check = (input: SendInput): Promise<Sent> => send({ ...input, dryRun: true });
