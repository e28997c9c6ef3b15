import type { Signal } from '@preact/signals';
import { batch, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Start } from '../../actions';
import { startAction, startMessage } from '../../actions';
import type { Permission } from '../../api';
import { boot, errorText, may } from '../../api';
import type { MenuEntry } from '../../components';
import { Button, Menu, SelectionBar, toast } from '../../components';
import { t } from '../../i18n';
import type { AccessPlan } from './access_dialog';
import { AccessDialog, planAccess } from './access_dialog';
import { exportChosen } from './export';
import type { Access, Chosen } from './many';
import { countOf } from './many';
import type { Contact, Filter } from './state';
import { TagsDialog } from './tags_dialog';

type Selected = { ids: Signal<Set<string>>; all: Signal<boolean>; clear: () => void; contacts: () => Contact[] };

/** The selection, which ends when the filter changes. It remembers rows that have left the list since. */
export function useSelected(rows: readonly Contact[], filterKey: string): Selected {
  const seen = useRef(new Map<string, Contact>());
  for (const row of rows) seen.current.set(row.id, row);
  const selected = useMemo(() => {
    const ids = signal(new Set<string>());
    const all = signal(false);
    return {
      ids, all,
      clear: () => batch(() => {
        ids.value = new Set();
        all.value = false;
      }),
      contacts: () => [...ids.value].flatMap((id) => seen.current.get(id) ?? []),
    };
  }, []);
  useEffect(() => selected.clear(), [filterKey]);
  return selected;
}

const refused = (permission: Permission): string | undefined =>
  may(permission) ? undefined : t.common.noRole(t.words.role[boot.role]);

const ACCESS_ACTIONS = [
  ['ASSIGN_COURSES', 'book'], ['UPDATE_COMMUNITY_ACCESS', 'community'], ['GRANT_OFFER', 'offer'], ['REVOKE_OFFER', 'close'],
] as const;

function startOf(chosen: Chosen): Start {
  if ('contacts' in chosen) return { contacts: chosen.contacts.map(({ id, email, name }) => ({ id, email: email ?? '', name })) };
  const { filter, count, smartListId } = chosen;
  return { filter: { value: filter, count, ...(smartListId && { smartListId }) } };
}

type ActionsProps = {
  chosen: Chosen;
  tags: readonly string[];
  onDone: (chosen: Chosen) => void;
  /** Why there is nothing to do, whoever asks. */
  disabledReason?: string | undefined;
};

/** What can be done to many contacts: buttons, a menu, and their dialogs. */
export function ContactActions({ chosen, tags, onDone, disabledReason }: ActionsProps) {
  const [tagging, setTagging] = useState<Chosen | null>(null);
  const [planned, setPlanned] = useState<AccessPlan | null>(null);
  const start = startOf(chosen);
  const reason = (permission: Permission) => refused(permission) ?? disabledReason;
  const plan = (access: Access) =>
    planAccess(access, chosen).then(setPlanned, (error: unknown) => toast({ text: errorText(error), tone: 'bad' }));
  const more: MenuEntry[] = [
    ...ACCESS_ACTIONS.map(([name, icon]): MenuEntry => ({
      id: name, label: t.access.dialog[name].title, icon, disabledReason: reason('CONTACTS'), onSelect: () => startAction(name, start),
    })),
    { separator: true },
    { ...(disabledReason && { disabledReason }), ...exportChosen(chosen) },
    { separator: true },
    ...(['revoke', 'restore'] as const).map((access): MenuEntry => ({
      id: access, label: t.contacts[access].menu, icon: access === 'revoke' ? 'stop' : 'undo', danger: access === 'revoke',
      disabledReason: reason('CONTACTS'), onSelect: () => plan(access),
    })),
  ];
  return (
    <>
      <Button size="small" icon="invite" disabledReason={reason('INVITE')} onClick={() => startAction('invite', start)}>{t.contacts.invite}</Button>
      <Button size="small" kind="quiet" icon="mail" disabledReason={reason('INVITE')} onClick={() => startAction('login_email', start)}>
        {t.contacts.loginEmail}
      </Button>
      <Button size="small" kind="quiet" icon="send" disabledReason={reason('INVITE')} onClick={() => startMessage(start)}>{t.shell.compose}</Button>
      <Button size="small" kind="quiet" icon="tag" disabledReason={reason('CONTACTS')} onClick={() => setTagging(chosen)}>{t.contacts.tags}</Button>
      <Menu label={t.contacts.more} items={more} />
      {tagging && <TagsDialog chosen={tagging} suggestions={tags} onClose={() => setTagging(null)} onDone={() => onDone(tagging)} />}
      {planned && <AccessDialog {...planned} onClose={() => setPlanned(null)} onDone={() => onDone(planned.chosen)} />}
    </>
  );
}

type SelectionProps = {
  selected: Selected;
  filter: Filter;
  /** The list whose conditions the filter has. */
  smartListId?: string;
  total: number;
  tags: readonly string[];
  onDone: (chosen: Chosen) => void;
};

export function Selection({ selected, filter, smartListId, total, tags, onDone }: SelectionProps) {
  const chosen: Chosen = selected.all.value ? { filter, count: total, ...(smartListId && { smartListId }) } : { contacts: selected.contacts() };
  return (
    <SelectionBar count={countOf(chosen)} onClear={selected.clear}>
      <ContactActions chosen={chosen} tags={tags} onDone={onDone} />
    </SelectionBar>
  );
}
