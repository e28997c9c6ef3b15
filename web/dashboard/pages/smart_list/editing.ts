// The edited conditions: kept in the tab until they are saved.
import { useEffect, useState } from 'preact/hooks';
import { toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { updateList } from '../smart_lists/documents';
import type { ConditionName, Conditions, SmartList, Value } from './conditions';
import { conditionOf, conditionsOf, emptyOf, filterOf, incomplete, sameConditions } from './conditions';

export type Editing = {
  conditions: Conditions;
  dirty: boolean;
  busy: boolean;
  /** What went wrong, and the condition that it is about. */
  error: unknown;
  /** The conditions that have to be completed first. */
  unfinished: readonly ConditionName[];
  /** The one that was added just now gets the focus. */
  added: ConditionName | null;
  add: (name: ConditionName) => void;
  set: (name: ConditionName, value: Value) => void;
  remove: (name: ConditionName) => void;
  discard: () => void;
  /** Whether the conditions can be saved; if not, it is said where. */
  check: () => boolean;
  save: () => Promise<void>;
};

const without = (conditions: Conditions, name: ConditionName): Conditions =>
  Object.fromEntries(Object.entries(conditions).filter(([other]) => other !== name));

export function useEditing(list: SmartList | null): Editing {
  const draftName = `smart-list.${list?.id ?? 'new'}`;
  const draft = useDraft<Conditions | null>(draftName, null);
  const [state, setState] = useState<{ busy: boolean; error?: unknown; unfinished: ConditionName[] }>({ busy: false, unfinished: [] });
  const [added, setAdded] = useState<ConditionName | null>(null);
  const saved = list ? conditionsOf(list.filter) : {};
  const conditions = draft.value ?? saved;
  const change = (next: Conditions) => {
    draft.value = sameConditions(next, saved) ? null : next;
    setState(({ busy, unfinished }) => ({ busy, unfinished: unfinished.filter((name) => incomplete(next).includes(name)) }));
  };
  const discard = () => {
    draft.value = null;
    forgetDraft(draftName);
    setState({ busy: false, unfinished: [] });
  };
  const check = () => {
    const unfinished = incomplete(conditions);
    setState({ busy: false, unfinished });
    return unfinished.length === 0;
  };
  const save = async () => {
    if (!list || state.busy || !check()) return;
    setState({ busy: true, unfinished: [] });
    try {
      await updateList(list.id, { filter: filterOf(conditions) });
      discard();
      toast({ text: t.common.saved, undo: () => updateList(list.id, { filter: filterOf(saved) }).then(() => undefined) });
    } catch (error) {
      setState({ busy: false, error, unfinished: [] });
    }
  };
  return {
    conditions, dirty: draft.value !== null, ...state, error: state.error, added, discard, check, save,
    add: (name) => {
      change({ ...conditions, [name]: emptyOf(name) });
      setAdded(name);
    },
    set: (name, value) => change({ ...conditions, [name]: value }),
    remove: (name) => change(without(conditions, name)),
  };
}

const SETTLED_MS = 300;

/** `value`, once it has stayed the same for a moment; `key` says when it is the same. */
export function useSettled<Of>(value: Of, key: string): Of {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return settled;
}

export const errorAt = (name: ConditionName, { error, unfinished }: Editing, reading: unknown): string | undefined => {
  if (unfinished.includes(name)) return t.smartLists.incomplete;
  const found = [error, reading].find((failure) => conditionOf(failure) === name);
  return found instanceof Error ? found.message : undefined;
};
