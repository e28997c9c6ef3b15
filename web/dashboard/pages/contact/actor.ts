import { boot, graphql, may, useQuery } from '../../api';
import { t } from '../../i18n';
import { isWorkflow } from '../workflows/makers';

const TEAM = graphql(`
  query TimelineTeam {
    teamMembers(first: 100) { nodes { id name email } }
  }
`);

/** Names those who did things, as far as this member may know them. */
export function useActor(contactId?: string): (by: string) => string | null {
  const { data } = useQuery(TEAM, {}, { pause: !may('TEAM') });
  const names = new Map(data?.teamMembers?.nodes.map(({ id, name, email }) => [id, name ?? email]));
  return (by) => {
    if (by === contactId || by === 'anonymous') return null;
    if (by === boot.memberId) return t.contact.by.you;
    if (by === 'system') return t.contact.by.system;
    if (isWorkflow(by)) return t.workflowRuns.bySome;
    if (by.startsWith('key_')) return t.contact.by.apiKey;
    const name = names.get(by);
    return name ? t.contact.by.name(name) : t.contact.by.member;
  };
}
