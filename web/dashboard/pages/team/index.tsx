import { useMemo, useState } from 'preact/hooks';
import { boot, may, useList, useRefreshOnReturn } from '../../api';
import { Button, Empty, PageHeader, Table } from '../../components';
import { t } from '../../i18n';
import type { Shown } from './columns';
import { columns } from './columns';
import type { EndedKey, Member } from './documents';
import { TEAM, nameOf } from './documents';
import { EditDialog } from './edit_dialog';
import { InviteDialog } from './invite_dialog';
import { EndedKeys, Removal } from './removal';
import { SessionsDialog } from './sessions_dialog';

type Open = { shown: Shown; member: Member } | { shown: 'invite' } | { shown: 'ended'; keys: readonly EndedKey[] } | null;

type StateUpdater = (next: Open | ((now: Open) => Open)) => void;

type DialogsProps = { open: Open; setOpen: StateUpdater; members: readonly Member[]; reload: () => void };

function Dialogs({ open, setOpen, members, reload }: DialogsProps) {
  // A confirmation closes after it is done: what is open by then stays.
  const close = () => setOpen((now) => (now === open ? null : now));
  const done = (keys: readonly EndedKey[]) => {
    setOpen(keys.length ? { shown: 'ended', keys } : null);
    reload();
  };
  switch (open?.shown) {
    case 'invite': return <InviteDialog onClose={close} onDone={() => done([])} />;
    case 'edit': return <EditDialog member={open.member} now={members.find(({ id }) => id === open.member.id)} onClose={close} onDone={done} />;
    case 'sessions': return <SessionsDialog member={open.member} onClose={close} />;
    case 'remove': return <Removal member={open.member} onClose={close} onDone={done} />;
    case 'ended': return <EndedKeys keys={open.keys} onClose={close} />;
    case undefined: return null;
  }
}

function Members() {
  const list = useList(TEAM, {}, ({ teamMembers }) => teamMembers);
  const [open, setOpen] = useState<Open>(null);
  const shown = useMemo(() => columns((kind, member) => setOpen({ shown: kind, member })), []);
  useRefreshOnReturn(list.refresh);
  return (
    <>
      <PageHeader title={t.team.title} description={t.team.description}>
        <Button icon="invite" onClick={() => setOpen({ shown: 'invite' })}>{t.team.invite}</Button>
      </PageHeader>
      <Table list={list} columns={shown} label={t.team.title} rowLabel={nameOf} empty={<Empty icon="team" title={t.team.empty} />} />
      <Dialogs open={open} setOpen={setOpen} members={list.rows} reload={list.reload} />
    </>
  );
}

export default function Team() {
  if (may('TEAM')) return <Members />;
  return (
    <>
      <PageHeader title={t.team.title} />
      <Empty icon="team" title={t.team.managersOnly}>{t.common.noRole(t.words.role[boot.role])}</Empty>
    </>
  );
}
