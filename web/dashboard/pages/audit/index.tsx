import { useEffect, useMemo, useRef } from 'preact/hooks';
import { boot, may, useActivity, useList, useQuery } from '../../api';
import { Button, Empty, PageHeader } from '../../components';
import { t } from '../../i18n';
import { params } from '../../router';
import { ACTORS, AUDIT } from './documents';
import { ExportState, useExport } from './export';
import { Filters } from './filters';
import { Events } from './list';
import type { Names } from './sentences';
import { filterOf } from './state';

const PAGE = 50;
const PAUSE_MS = 500;
const RENEW_MS = 20_000;

/** The names of the team and of the API keys, by id. */
function useNames(): Names {
  const { data } = useQuery(ACTORS, {});
  return useMemo(() => new Map([
    ...(data?.teamMembers?.nodes ?? []).map(({ id, name, email }) => [id, name ?? email] as const),
    ...(data?.apiKeys?.nodes ?? []).map(({ id, name }) => [id, name] as const),
  ]), [data]);
}

/** What contacts do is announced at once. Changes of the team and settings send no event: they are looked for now and then. */
function useRenewal(refresh: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(refresh);
  latest.current = refresh;
  useActivity(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), PAUSE_MS);
  });
  useEffect(() => {
    const look = () => {
      if (!document.hidden) latest.current();
    };
    const interval = setInterval(look, RENEW_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(interval);
      clearTimeout(timer.current);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
}

function Log() {
  const filter = filterOf(params.value);
  const names = useNames();
  const list = useList(AUDIT, { filter, first: PAGE }, ({ auditLog }) => auditLog);
  const reader = useExport(filter, names);
  useRenewal(list.refresh);
  const actor = params.value.get('actor');
  const display = list.rows.find((event) => event.actor.id === actor)?.actor.display ?? undefined;
  return (
    <>
      <PageHeader title={t.audit.title} description={t.audit.description}>
        <Button kind="quiet" icon="download" busy={reader.state.running} disabled={list.total === 0} onClick={reader.start}>{t.audit.export}</Button>
      </PageHeader>
      <ExportState reader={reader} total={list.total} />
      <Filters names={names} display={display} />
      <p class="hint" role="status">{list.total === undefined ? '' : t.audit.count(list.total)}</p>
      <Events list={list} names={names} />
    </>
  );
}

export default function Audit() {
  if (may('ADMIN')) return <Log />;
  return (
    <>
      <PageHeader title={t.audit.title} />
      <Empty icon="audit" title={t.audit.adminsOnly}>{t.common.noRole(t.words.role[boot.role])}</Empty>
    </>
  );
}
