// Who started a job. Names are readable by owners and admins.
import { useCallback } from 'preact/hooks';
import { boot, graphql, may, useQuery } from '../../api';
import { t } from '../../i18n';

const PEOPLE = graphql(`
  query JobPeople {
    teamMembers(first: 100) { nodes { id name email } }
    apiKeys(first: 100) { nodes { id name } }
  }
`);

/** The words for the id of a requester. */
export function useWho(): (requestedBy: string) => string {
  const { data } = useQuery(PEOPLE, {}, { pause: !may('TEAM') });
  return useCallback((id) => {
    if (id === boot.memberId) return t.jobs.you;
    if (id === 'system') return t.jobs.system;
    const member = data?.teamMembers?.nodes.find((each) => each.id === id);
    if (member) return member.name ?? member.email;
    const key = data?.apiKeys?.nodes.find((each) => each.id === id);
    return key?.name ?? (id.startsWith('key') ? t.jobs.apiKey : t.jobs.teamMember);
  }, [data]);
}
