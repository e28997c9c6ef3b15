import { boot, errorText, mutate } from '../../api';
import type { Column } from '../../components';
import { Avatar, Menu, Status, Time, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Member } from './documents';
import { RESEND, isViewer, nameOf, refusal } from './documents';

export type Shown = 'edit' | 'sessions' | 'remove';

const Person = ({ member }: { member: Member }) => (
  <span class="team-person">
    <Avatar name={nameOf(member)} />
    <span>
      <span><bdi>{nameOf(member)}</bdi>{isViewer(member) && <span class="hint"> ({t.team.you})</span>}</span>
      {member.name && <span class="hint"><bdi>{member.email}</bdi></span>}
    </span>
  </span>
);

const Joined = ({ member: { joinedAt, createdAt } }: { member: Member }) => joinedAt
  ? <span>{t.team.joined} <Time at={joinedAt} style="date" /></span>
  : <span class="team-invited"><Status tone="busy">{t.team.invitedAt} <Time at={createdAt} /></Status></span>;

function resend(member: Member): void {
  const sent = boot.keepsMail ? t.team.resentKept : t.team.resent;
  mutate(RESEND, { input: { teamMemberId: member.id } }).then(
    () => toast({ text: sent(nameOf(member)) }),
    (failure: unknown) => toast({ text: errorText(failure), tone: 'bad' }),
  );
}

const resendItem = (member: Member) => (
  { id: 'resend', label: t.team.resend, icon: 'invite' as const, ...refusal(member.role), onSelect: () => resend(member) }
);

export const columns = (open: (shown: Shown, member: Member) => void): Column<Member>[] => [
  { id: 'member', header: t.team.member, width: '2.5fr', cell: (member) => <Person member={member} /> },
  { id: 'role', header: t.team.role, cell: ({ role }) => t.words.role[role] },
  { id: 'joined', header: t.team.status, width: '1.5fr', cell: (member) => <Joined member={member} /> },
  {
    id: 'seen', header: t.team.lastSignIn, hideBelow: 'tablet',
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} />,
  },
  {
    id: 'actions', header: '', width: '4rem', align: 'end',
    cell: (member) => (
      <Menu label={t.team.actionsFor(nameOf(member))} items={[
        { id: 'edit', label: t.team.edit, icon: 'user', ...refusal(member.role), onSelect: () => open('edit', member) },
        ...(member.joinedAt ? [] : [resendItem(member)]),
        { id: 'sessions', label: t.team.sessions, icon: 'clock', onSelect: () => open('sessions', member) },
        { id: 'audit', label: t.team.activity, icon: 'audit', onSelect: () => navigate(link('audit', { actor: member.id })) },
        { separator: true },
        { id: 'remove', label: t.common.remove, icon: 'trash', danger: true, ...refusal(member.role), onSelect: () => open('remove', member) },
      ]} />
    ),
  },
];
