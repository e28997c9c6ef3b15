import { useMemo, useState } from 'preact/hooks';
import { useList, useQuery, useRefreshOn, useRefreshOnReturn } from '../../api';
import { Banner, Button, ButtonLink, Empty, ErrorNotice, Marked, Menu, PageHeader, Skeleton } from '../../components';
import { t } from '../../i18n';
import { link, navigate, params } from '../../router';
import { CONTACTS, orderOf } from '../contacts/state';
import { useTags } from '../contacts/filters';
import { Delete, Rename } from '../smart_lists/changes';
import { CHANGES, createList, noSaving } from '../smart_lists/documents';
import { NameDialog } from '../smart_lists/name_dialog';
import { Builder } from './builder';
import type { SmartList } from './conditions';
import { conditionOf, filterOf, LIST } from './conditions';
import { useEditing, useSettled } from './editing';
import { People } from './people';

const back = () => ({ href: link('smart-lists'), label: t.shell.smartLists });

export default function SmartListPage({ id }: { id: string }) {
  const isNew = id === 'new';
  const { data, error, reload } = useQuery(LIST, { id }, { pause: isNew });
  useRefreshOn(CHANGES, () => !isNew && reload());
  useRefreshOnReturn(() => !isNew && reload());
  if (isNew) return <Editor key={id} list={null} reload={reload} />;
  if (data?.smartList) return <Editor key={id} list={data.smartList} reload={reload} />;
  return (
    <>
      <PageHeader title={data ? t.common.notFound : t.smartLists.smartList} back={back()} />
      {data && (
        <Empty icon="filter" title={t.smartLists.missing}>
          <p>{t.common.notFoundHint}</p>
          <ButtonLink kind="quiet" href={link('smart-lists')}>{t.shell.smartLists}</ButtonLink>
        </Empty>
      )}
      {!data && (error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />)}
    </>
  );
}

type Asking = 'save-as' | 'rename' | 'delete';

type EditorProps = { list: SmartList | null; reload: () => void };

function Editor({ list, reload }: EditorProps) {
  const editing = useEditing(list);
  const filter = filterOf(editing.conditions);
  const settled = useSettled(filter, JSON.stringify(filter));
  const order = orderOf(params.value);
  const contacts = useList(CONTACTS, { filter: settled, orderBy: order }, ({ contacts: found }) => found);
  const { tags, reload: reloadTags } = useTags();
  const names = useMemo(() => tags.map(({ tag }) => tag), [tags]);
  const [asking, setAsking] = useState<Asking | null>(null);
  const saveAs = () => {
    if (editing.check()) setAsking('save-as');
  };
  const changed = () => {
    reload();
    reloadTags();
    contacts.reload();
  };
  useRefreshOn(CHANGES, contacts.refresh);
  const problem = editing.dirty ? null : (list?.problem ?? null);
  const wrong = conditionOf(contacts.error);
  return (
    <div class="contacts smart-list">
      <Header list={list} onAsk={setAsking} onSaveAs={saveAs} />
      {list?.problem && <Banner tone="warn"><Marked text={list.problem} /></Banner>}
      <Builder editing={editing} isNew={list === null} tags={names} count={problem ? undefined : contacts.total} reading={contacts.error} onSaveAs={saveAs} />
      {!problem && !wrong && <People list={list} editing={editing} filter={settled} contacts={contacts} order={order} tags={names} onChanged={changed} />}
      <Dialogs list={list} asking={asking} onClose={() => setAsking(null)} save={async (name) => {
        const id = await createList(name, filter);
        editing.discard();
        navigate(link(`smart-lists/${id}`));
      }} />
    </div>
  );
}

function Header({ list, onAsk, onSaveAs }: { list: SmartList | null; onAsk: (asking: Asking) => void; onSaveAs: () => void }) {
  const disabledReason = noSaving();
  const count = list?.count ?? null;
  return (
    <PageHeader title={list?.name ?? t.shell.newSmartList} back={back()}
      description={list ? (count === null ? t.smartLists.unusable : t.access.contacts(count)) : t.smartLists.description}>
      {list && (
        <>
          <Button kind="quiet" icon="edit" disabledReason={disabledReason} onClick={() => onAsk('rename')}>{t.smartLists.rename}</Button>
          <Menu label={t.smartLists.actionsOf(list.name)} items={[
            { id: 'copy', label: t.smartLists.saveAs, icon: 'copy', disabledReason, onSelect: onSaveAs },
            { id: 'delete', label: t.smartLists.delete, icon: 'trash', danger: true, disabledReason, onSelect: () => onAsk('delete') },
          ]} />
        </>
      )}
    </PageHeader>
  );
}

type DialogsProps = { list: SmartList | null; asking: Asking | null; onClose: () => void; save: (name: string) => Promise<void> };

function Dialogs({ list, asking, onClose, save }: DialogsProps) {
  if (asking === 'save-as') {
    const title = list ? t.smartLists.saveAs : t.smartLists.saveNew;
    return <NameDialog title={title} action={t.common.save} draft={`smart-list.${list?.id ?? 'new'}.copy`} save={save} onClose={onClose} />;
  }
  if (!list || !asking) return null;
  return asking === 'rename'
    ? <Rename list={list} onClose={onClose} onDone={() => undefined} />
    : <Delete list={list} onClose={onClose} onDone={() => navigate(link('smart-lists'))} />;
}
