import { useState } from 'preact/hooks';
import { startAction } from '../../actions';
import { boot, may, mutate, useList, useRefreshOn } from '../../api';
import { Button, Confirm, Empty, Table, toast } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { columns } from './columns';
import { useCreators } from './creators';
import type { MagicLink } from './documents';
import { LINKS, REVOKE } from './documents';

export type LinkStatus = MagicLink['status'];

const PAGE = 50;

const nameOf = ({ contact }: MagicLink): string => contact?.name ?? contact?.email ?? t.common.aContact;

export function LinkList({ status, contactId }: { status: LinkStatus; contactId: string | undefined }) {
  const list = useList(LINKS, { status, contactId, first: PAGE }, ({ magicLinks }) => magicLinks);
  const creator = useCreators();
  const [asked, setAsked] = useState<MagicLink | null>(null);
  useRefreshOn(['LINK_CREATED', 'LINK_USED', 'LINK_REVOKED', 'INVITED', 'INVITATION_RESENT', 'LOGIN_EMAIL_QUEUED', 'LOGIN_REQUESTED'], list.refresh);

  const revoke = async () => {
    if (!asked) return;
    await mutate(REVOKE, { input: { magicLinkId: asked.id } });
    toast({ text: t.links.revoked(nameOf(asked)) });
    list.reload();
  };
  return (
    <>
      <Table list={list} label={t.links.tableLabel(t.words.linkStatus[status])} rowLabel={nameOf}
        columns={columns({ status, creator, onRevoke: setAsked, onExpired: list.refresh })}
        empty={<NoLinks status={status} />}
        href={({ contact }) => (contact ? link(`contacts/${contact.id}`) : link('links'))} />
      <Confirm open={asked !== null} onClose={() => setAsked(null)} title={t.links.revokeTitle} action={t.links.revoke} danger onConfirm={revoke}>
        <p>{t.links.revokeText(asked ? nameOf(asked) : '')}</p>
      </Confirm>
    </>
  );
}

function NoLinks({ status }: { status: LinkStatus }) {
  if (status !== 'LIVE') return <Empty icon="link" title={t.links.none[status]} />;
  return (
    <Empty icon="link" title={t.links.none.LIVE}>
      <p>{t.links.noneHint}</p>
      <Button kind="quiet" onClick={() => startAction('magic_link')}
        disabledReason={may('LINKS') ? undefined : t.common.noRole(t.words.role[boot.role])}>
        {t.links.generate}
      </Button>
    </Empty>
  );
}
