import { useMemo, useState } from 'preact/hooks';
import { useList, useRefreshOn, useRefreshOnReturn } from '../../api';
import type { Column } from '../../components';
import { Button, ButtonLink, Empty, Icon, Marked, Menu, PageHeader, Table, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { Delete, Rename } from './changes';
import type { SmartListRow } from './documents';
import { CHANGES, LISTS, noSaving } from './documents';

type Change = { kind: 'rename' | 'delete'; list: SmartListRow };

const NewButton = () => {
  const reason = noSaving();
  return reason
    ? <Button icon="plus" disabledReason={reason}>{t.shell.newSmartList}</Button>
    : <ButtonLink icon="plus" href={link('smart-lists/new')}>{t.shell.newSmartList}</ButtonLink>;
};

const Name = ({ list: { name, problem } }: { list: SmartListRow }) => (
  <span class="smart-list-name">
    <bdi>{name}</bdi>
    {problem !== null && <span class="smart-list-problem"><Icon name="alert" /><span><Marked text={problem} /></span></span>}
  </span>
);

const columns = (onChange: (change: Change) => void): Column<SmartListRow>[] => [
  { id: 'name', header: t.smartLists.name, width: '3fr', cell: (list) => <Name list={list} /> },
  {
    id: 'count', header: t.shell.contacts, width: '9rem',
    cell: ({ count }) => (count === null ? <span class="hint">{t.smartLists.unusable}</span> : t.access.contacts(count)),
  },
  { id: 'updated', header: t.access.updated, width: '9rem', hideBelow: 'tablet', cell: ({ updatedAt }) => <span class="hint"><Time at={updatedAt} /></span> },
  {
    id: 'actions', header: '', width: '3.5rem', align: 'end',
    cell: (list) => {
      const disabledReason = noSaving();
      return (
        <Menu label={t.smartLists.actionsOf(list.name)} items={[
          { id: 'rename', label: t.smartLists.rename, icon: 'edit', disabledReason, onSelect: () => onChange({ kind: 'rename', list }) },
          { id: 'delete', label: t.smartLists.delete, icon: 'trash', danger: true, disabledReason, onSelect: () => onChange({ kind: 'delete', list }) },
        ]} />
      );
    },
  },
];

export default function SmartLists() {
  const list = useList(LISTS, {}, ({ smartLists }) => smartLists);
  const [change, setChange] = useState<Change | null>(null);
  const shown = useMemo(() => columns(setChange), []);
  useRefreshOn(CHANGES, list.refresh);
  useRefreshOnReturn(list.refresh);
  const Dialog = change?.kind === 'delete' ? Delete : Rename;
  return (
    <>
      <PageHeader title={t.shell.smartLists} description={t.smartLists.description}><NewButton /></PageHeader>
      <Table list={list} columns={shown} label={t.shell.smartLists} href={({ id }) => link(`smart-lists/${id}`)} rowLabel={({ name }) => name} empty={
        <Empty icon="filter" title={t.smartLists.none}>
          <p>{t.smartLists.noneHint}</p>
          <NewButton />
        </Empty>
      } />
      {change && <Dialog list={change.list} onClose={() => setChange(null)} onDone={list.reload} />}
    </>
  );
}
