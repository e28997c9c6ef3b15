// The contacts that meet the conditions, with what can be done to them.
import { useMemo } from 'preact/hooks';
import type { List } from '../../api';
import { Card, Empty, Table } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { nameOf } from '../contact/contact';
import { columnsOf } from '../contacts/columns';
import type { Chosen } from '../contacts/many';
import { reread } from '../contacts/many';
import { ContactActions, Selection, useSelected } from '../contacts/selection';
import type { Contact, Filter, Order } from '../contacts/state';
import type { SmartList } from './conditions';
import type { Editing } from './editing';

type PeopleProps = {
  list: SmartList | null;
  editing: Editing;
  filter: Filter;
  contacts: List<Contact>;
  order: Order;
  tags: readonly string[];
  onChanged: () => void;
};

export function People({ list, editing, filter, contacts, order, tags, onChanged }: PeopleProps) {
  const selected = useSelected(contacts.rows, JSON.stringify(filter));
  const columns = useMemo(() => columnsOf(order), [order.field, order.direction]);
  const total = contacts.total ?? 0;
  // Unsaved conditions are no list: only what they find now is meant.
  const saved = list && !editing.dirty ? { smartListId: list.id } : {};
  const done = (chosen: Chosen) => {
    selected.clear();
    if ('contacts' in chosen) void reread(chosen.contacts).catch(onChanged);
    else onChanged();
  };
  const reason = !list || editing.dirty ? t.smartLists.saveFirst : total === 0 ? t.smartLists.nobody : undefined;
  return (
    <Card title={editing.dirty ? t.smartLists.preview : t.shell.contacts} flush action={
      <div class="smart-list-actions" role="group" aria-label={t.smartLists.forAll}>
        <span class="hint">{reason ?? t.smartLists.forAll}</span>
        <ContactActions chosen={{ filter, count: total, ...saved }} tags={tags} onDone={done} disabledReason={reason} />
      </div>
    }>
      <Table list={contacts} columns={columns} label={t.shell.contacts} selection={selected} href={({ id }: Contact) => link(`contacts/${id}`)} rowLabel={nameOf}
        empty={<Empty icon="people" title={t.contacts.noMatch}><p>{t.smartLists.noMatchHint}</p></Empty>} />
      <Selection selected={selected} filter={filter} {...saved} total={total} tags={tags} onDone={done} />
    </Card>
  );
}
