import { useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, mutate, useQuery } from '../../api';
import { Button, Confirm, Dialog, Empty, ErrorNotice, Skeleton, Status, Time, toast } from '../../components';
import { t } from '../../i18n';
import type { Member } from './documents';
import { manages, nameOf } from './documents';

const SESSIONS = graphql(`
  query MemberSessions($id: ID!) {
    node(id: $id) {
      ... on TeamMember {
        id
        sessions(first: 100) { nodes { id device method network createdAt lastSeenAt expiresAt current } }
      }
    }
  }
`);

const REVOKE = graphql(`
  mutation RevokeMemberSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) { session { id endedAt } }
  }
`);

type Node = Extract<ResultOf<typeof SESSIONS>['node'], { sessions: unknown }>;
type Session = NonNullable<Node['sessions']>['nodes'][number];

const sessionsOf = (node: ResultOf<typeof SESSIONS>['node'] | undefined): readonly Session[] | undefined =>
  node && 'sessions' in node ? (node.sessions?.nodes ?? []) : undefined;

function Entry({ session, refused, onEnd }: { session: Session; refused: string | undefined; onEnd: () => void }) {
  const { device, method, network, createdAt, lastSeenAt, current } = session;
  return (
    <li>
      <div>
        <p><strong>{device}</strong></p>
        <p class="hint">{[t.words.sessionMethod[method], network].filter(Boolean).join(' · ')}</p>
        <p class="hint">{t.team.started} <Time at={createdAt} /> · {t.team.lastUsed} <Time at={lastSeenAt} /></p>
      </div>
      {current
        ? <Status tone="good">{t.team.thisDevice}</Status>
        : <Button kind="quiet" size="small" disabledReason={refused} onClick={onEnd}>{t.team.endSession}</Button>}
    </li>
  );
}

/** The devices that a member is signed in on. */
export function SessionsDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { data, error, loading, reload } = useQuery(SESSIONS, { id: member.id });
  const [asked, setAsked] = useState<Session | null>(null);
  const sessions = sessionsOf(data?.node);
  const end = async () => {
    if (asked) await mutate(REVOKE, { input: { sessionId: asked.id } });
    toast({ text: t.team.sessionEnded });
    reload();
  };
  return (
    <Dialog open onClose={onClose} title={t.team.sessionsTitle(nameOf(member))} footer={<Button onClick={onClose}>{t.common.close}</Button>}>
      {loading && <Skeleton rows={3} />}
      {error && <ErrorNotice error={error} retry={reload} />}
      {sessions?.length === 0 && <Empty icon="user" title={t.team.noSessions} />}
      <ul class="team-sessions">
        {sessions?.map((session) => (
          <Entry key={session.id} session={session} refused={manages(member.role) ? undefined : t.team.ownersOnly} onEnd={() => setAsked(session)} />
        ))}
      </ul>
      <Confirm open={asked !== null} onClose={() => setAsked(null)} danger title={t.team.endSessionTitle(asked?.device ?? '')}
        action={t.team.endSession} onConfirm={end}>
        <p>{t.team.endSessionConsequence}</p>
      </Confirm>
    </Dialog>
  );
}
