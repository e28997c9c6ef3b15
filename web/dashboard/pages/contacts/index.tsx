import { useMemo, useState } from 'preact/hooks';
import { startAction } from '../../actions';
import { boot, may, useList, useRefreshOn } from '../../api';
import { Button, ButtonLink, Empty, PageHeader, Table } from '../../components';
import { plural, t } from '../../i18n';
import { link, params } from '../../router';
import { nameOf } from '../contact/contact';
import { columnsOf } from './columns';
import { Export } from './export';
import { Filters, useTags } from './filters';
import type { Chosen } from './many';
import { reread } from './many';
import { NewContact } from './new_contact';
import { Selection, useSelected } from './selection';
import type { Contact } from './state';
import { CONTACTS, clearFilters, filterOf, orderOf } from './state';

const CHANGES = [
  'CONTACT_CREATED', 'CONTACT_UPDATED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED', 'INVITED', 'INVITATION_CANCELLED', 'JOINED', 'ACCESS_REVOKED', 'ACCESS_RESTORED',
  'SIGNED_IN', 'LINK_USED',
] as const;

const noRole = (allowed: boolean) => (allowed ? undefined : t.common.noRole(t.words.role[boot.role]));

const Import = () => (
  may('CONTACTS')
    ? <ButtonLink kind="quiet" icon="upload" href={link('import')}>{t.contacts.import}</ButtonLink>
    : <Button kind="quiet" icon="upload" disabledReason={noRole(false)}>{t.contacts.import}</Button>
);

const NoContacts = ({ onNew }: { onNew: () => void }) => (
  <Empty icon="people" title={t.contacts.empty}>
    <p>{t.contacts.emptyHint}</p>
    <div class="contacts-empty-actions">
      <Button icon="invite" disabledReason={noRole(may('INVITE'))} onClick={() => startAction('invite')}>{t.shell.invite}</Button>
      <Import />
      <Button kind="quiet" icon="plus" disabledReason={noRole(may('CONTACTS'))} onClick={onNew}>{t.contacts.newContact}</Button>
    </div>
  </Empty>
);

const NoMatch = () => (
  <Empty icon="search" title={t.contacts.noMatch}>
    <Button kind="quiet" onClick={clearFilters}>{t.contacts.clearFilters}</Button>
  </Empty>
);

function count(total: number | undefined, filtered: boolean): string {
  if (total === undefined) return ' ';
  return filtered ? t.contacts.matching(total) : plural(total, t.contacts.one, t.contacts.other);
}

export default function Contacts() {
  const search = params.value;
  const filter = filterOf(search);
  const order = orderOf(search);
  const filtered = Object.keys(filter).length > 0;
  const key = JSON.stringify(filter);
  const list = useList(CONTACTS, { filter, orderBy: order }, ({ contacts }) => contacts);
  const { tags, reload: reloadTags } = useTags();
  const [adding, setAdding] = useState(false);
  const selected = useSelected(list.rows, key);
  const columns = useMemo(() => columnsOf(order), [order.field, order.direction]);
  const names = useMemo(() => tags.map(({ tag }) => tag), [tags]);
  useRefreshOn(CHANGES, list.refresh);
  const changed = (chosen?: Chosen) => {
    selected.clear();
    reloadTags();
    if (chosen && 'contacts' in chosen) void reread(chosen.contacts).catch(list.reload);
    else list.reload();
  };
  const open = () => setAdding(true);
  return (
    <div class="contacts">
      <PageHeader title={t.shell.contacts} description={<span role="status">{count(list.total, filtered)}</span>}>
        <Export filter={filter} total={list.total} />
        <Import />
        <Button icon="plus" disabledReason={noRole(may('CONTACTS'))} onClick={open}>{t.contacts.newContact}</Button>
      </PageHeader>
      {(filtered || list.total !== 0) && <Filters tags={tags} order={order} />}
      <Table list={list} columns={columns} label={t.shell.contacts} selection={selected} href={({ id }: Contact) => link(`contacts/${id}`)}
        rowLabel={nameOf} empty={filtered ? <NoMatch /> : <NoContacts onNew={open} />} />
      <Selection selected={selected} filter={filter} total={list.total ?? 0} tags={names} onDone={changed} />
      {adding && <NewContact suggestions={names} onClose={() => setAdding(false)} onCreated={() => changed()} />}
    </div>
  );
}
