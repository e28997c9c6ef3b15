import { useMemo, useState } from 'preact/hooks';
import { boot, may, mutate, useList, useQuery, useRefreshOnReturn } from '../../api';
import { Button, Confirm, Empty, PageHeader, Table, Time, toast } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { columns } from './columns';
import { CreateDialog } from './create_dialog';
import type { Key } from './documents';
import { CREATORS, KEYS, REVOKE } from './documents';

type RevocationProps = { asked: Key | null; onClose: () => void; onDone: () => void };

function Revocation({ asked, onClose, onDone }: RevocationProps) {
  const revoke = async () => {
    if (!asked) return;
    await mutate(REVOKE, { input: { apiKeyId: asked.id } });
    toast({ text: t.apiKeys.revoked(asked.name) });
    onDone();
  };
  return (
    <Confirm open={asked !== null} onClose={onClose} danger title={t.apiKeys.revokeTitle(asked?.name ?? '')} action={t.apiKeys.revoke} onConfirm={revoke}>
      <p>{t.apiKeys.revokeConsequence}</p>
      <p class="hint">{asked?.lastUsedAt ? <>{t.apiKeys.lastUsed} <Time at={asked.lastUsedAt} />.</> : t.apiKeys.neverUsed}</p>
    </Confirm>
  );
}

function Keys() {
  const list = useList(KEYS, {}, ({ apiKeys }) => apiKeys);
  const { data, reload } = useQuery(CREATORS, {});
  const [creating, setCreating] = useState(false);
  const [asked, setAsked] = useState<Key | null>(null);
  useRefreshOnReturn(() => {
    list.refresh();
    reload();
  });
  const members = data?.teamMembers?.nodes;
  const shown = useMemo(() => columns(new Map(members?.map(({ id, name, email }) => [id, name ?? email])), setAsked), [members]);
  const create = <Button icon="plus" onClick={() => setCreating(true)}>{t.apiKeys.create}</Button>;
  return (
    <>
      <PageHeader title={t.apiKeys.title} description={<>{t.apiKeys.description} <a href={link('developers')}>{t.apiKeys.howTo}</a></>}>{create}</PageHeader>
      <Table list={list} columns={shown} label={t.apiKeys.title} rowLabel={({ name }) => name}
        empty={<Empty icon="key" title={t.apiKeys.empty}><p>{t.apiKeys.emptyHint}</p>{create}</Empty>} />
      {creating && <CreateDialog onClose={() => setCreating(false)} onCreated={list.reload} />}
      <Revocation asked={asked} onClose={() => setAsked(null)} onDone={list.reload} />
    </>
  );
}

export default function ApiKeys() {
  if (may('TEAM')) return <Keys />;
  return (
    <>
      <PageHeader title={t.apiKeys.title} />
      <Empty icon="key" title={t.apiKeys.managersOnly}>{t.common.noRole(t.words.role[boot.role])}</Empty>
    </>
  );
}
