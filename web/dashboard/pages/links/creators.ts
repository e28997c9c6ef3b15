import { boot, may, useQuery } from '../../api';
import { t } from '../../i18n';
import { TEAM } from './documents';

/** The name of whoever made a link, by the id; what kind of caller it is, where the name can't be read. */
export function useCreators(): (id: string) => string {
  const { data } = useQuery(TEAM, {}, { pause: !may('TEAM') });
  const names = new Map(data?.teamMembers?.nodes.map(({ id, name, email }) => [id, name ?? email]));
  return (id) => (id === boot.memberId ? boot.memberName : names.get(id) ?? kindOf(id));
}

function kindOf(id: string): string {
  const { by } = t.links;
  switch (id.split('_')[0]) {
    case 'member': return by.member;
    case 'key': return by.apiKey;
    case 'contact': return by.contact;
    case 'anonymous': return by.anonymous;
    default: return by.system;
  }
}
