import type { ResultOf } from '../../api';
import { boot, graphql, may, mutate } from '../../api';
import { t } from '../../i18n';
import { link } from '../../router';

export const TEMPLATES = graphql(`
  query Templates($channel: Channel, $statuses: [TemplateStatus!], $search: String, $after: String) {
    templates(channel: $channel, statuses: $statuses, search: $search, first: 50, after: $after) {
      nodes { id name channel status version subject updatedAt problems { message } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

const ARCHIVE = graphql(`
  mutation ArchiveTemplate($input: ArchiveTemplateInput!) {
    archiveTemplate(input: $input) { template { id status } workflows { id name } }
  }
`);

export type TemplateRow = ResultOf<typeof TEMPLATES>['templates']['nodes'][number];
export type Channel = TemplateRow['channel'];
export type TemplateStatus = TemplateRow['status'];

export const CHANNELS: readonly Channel[] = ['EMAIL', 'SMS'];
export const STATUSES: readonly TemplateStatus[] = ['ACTIVE', 'ARCHIVED'];

/** Why this member can't write templates. */
export const noWriting = (): string | undefined => (may('ADMIN') ? undefined : t.common.noRole(t.words.role[boot.role]));

type Usable = Pick<TemplateRow, 'id' | 'channel' | 'status'>;

/** Why this member can't send a message of a template. */
export function noUse({ status }: Usable): string | undefined {
  if (!may('INVITE')) return t.common.noRole(t.words.role[boot.role]);
  return status === 'ARCHIVED' ? t.compose.useArchived : undefined;
}

/** The page where a message of it is composed. */
export const composeLink = ({ id, channel }: Usable): string => link('compose', { template: id, channel: channel === 'EMAIL' ? undefined : channel });

/** What was done, in words. */
export async function archive({ id, name }: Pick<TemplateRow, 'id' | 'name'>, archived: boolean): Promise<string> {
  const { archiveTemplate } = await mutate(ARCHIVE, { input: { templateId: id, archived } });
  if (!archived) return t.templates.unarchived(name);
  const senders = archiveTemplate?.workflows ?? [];
  return senders.length ? t.templates.archivedSentBy(name, senders.map((workflow) => t.workflows.quoted(workflow.name)).join(', ')) : t.templates.archived(name);
}
