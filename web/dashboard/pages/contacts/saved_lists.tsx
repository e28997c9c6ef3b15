// Filters that are kept as smart lists.
import { useState } from 'preact/hooks';
import { graphql, useQuery } from '../../api';
import { Button, Icon, Menu, toast } from '../../components';
import { number, t } from '../../i18n';
import { link, navigate, params } from '../../router';
import { createList, noSaving } from '../smart_lists/documents';
import { NameDialog } from '../smart_lists/name_dialog';
import { lastingFilterOf } from './state';

const LISTS = graphql(`
  query SavedLists {
    smartLists(first: 20) { nodes { id name count } }
  }
`);

/** The newest smart lists, each with its contacts a press away. */
export function ListsMenu() {
  const { data } = useQuery(LISTS, {});
  const lists = data?.smartLists.nodes ?? [];
  const open = (path: string) => navigate(link(path));
  return (
    <Menu label={t.smartLists.lists} trigger={<><span>{t.smartLists.lists}</span><Icon name="chevron-down" /></>} items={[
      ...lists.map(({ id, name, count }) => ({
        id, label: count === null ? name : `${name} (${number(count)})`, icon: 'filter' as const, onSelect: () => open(`smart-lists/${id}`),
      })),
      ...(lists.length ? [{ separator: true } as const] : []),
      { id: 'all', label: t.smartLists.allLists, onSelect: () => open('smart-lists') },
      { id: 'new', label: t.shell.newSmartList, icon: 'plus', disabledReason: noSaving(), onSelect: () => open('smart-lists/new') },
    ]} />
  );
}

const isFixed = (name: string): boolean => name.endsWith('After') || name.endsWith('Before');

/** Keeps the present filters under a name. */
export function SaveAsList() {
  const [asking, setAsking] = useState(false);
  const filter = lastingFilterOf(params.value);
  if (Object.keys(filter).length === 0) return null;
  const save = async (name: string) => {
    const id = await createList(name, filter);
    toast({ text: t.smartLists.saved(name) });
    navigate(link(`smart-lists/${id}`));
  };
  return (
    <>
      <Button kind="plain" size="small" icon="filter" disabledReason={noSaving()} onClick={() => setAsking(true)}>{t.smartLists.saveFilters}</Button>
      {asking && (
        <NameDialog title={t.smartLists.saveFilters} action={t.common.save} draft="smart-list.filters" save={save} onClose={() => setAsking(false)}
          {...(Object.keys(filter).some(isFixed) && { hint: t.smartLists.fixedDates })} />
      )}
    </>
  );
}
