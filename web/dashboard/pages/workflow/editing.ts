// What is changed in a draft, kept in the tab until it is saved; and who wins if another person saved meanwhile.
import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { Rule } from '../workflows/documents';
import type { Settings, Workflow } from './documents';
import { UPDATE } from './documents';
import { firstMissing } from './missing';
import { triggersInput } from './steps';
import type { Item } from './tree';
import { inputOf, treeOf } from './tree';

export type Values = { name: string; triggers: readonly Rule[]; items: Item[]; settings: Settings };

type Draft = { updatedAt: string; values: Values };

export type Editing = {
  workflow: Workflow;
  values: Values;
  set: (changes: Partial<Values>) => void;
  dirty: boolean;
  busy: boolean;
  /** Another person saved since. */
  outdated: boolean;
  error: unknown;
  /** Saving was tried: what is missing is said. */
  checked: boolean;
  /** Whether all is saved now. */
  save: () => Promise<boolean>;
  discard: () => void;
  /** Saves on top of what the other person saved. */
  keepMine: () => void;
};

const valuesOf = ({ name, triggers, steps, settings }: Workflow): Values => ({
  name, triggers: triggers.map(({ trigger, targetIds, tags, days }) => ({ trigger, targetIds, tags, days })), items: treeOf(steps),
  settings: { reentry: settings.reentry, stopOnJoin: settings.stopOnJoin, quietHours: settings.quietHours && { start: settings.quietHours.start.slice(0, 5), end: settings.quietHours.end.slice(0, 5) } },
});

const same = (one: Values, other: Values): boolean => JSON.stringify(one) === JSON.stringify(other);

type State = { busy: boolean; checked: boolean; error?: unknown };

const SETTLED: State = { busy: false, checked: false };

/** `reload` reads what another person saved. */
export function useEditing(workflow: Workflow, reload: () => void): Editing {
  const draftName = `workflow.${workflow.id}`;
  const draft = useDraft<Draft | null>(draftName, null);
  const [state, setState] = useState<State>(SETTLED);
  const saved = valuesOf(workflow);
  const values = draft.value?.values ?? saved;
  const updatedAt = draft.value?.updatedAt ?? workflow.updatedAt;
  const set = (changes: Partial<Values>) => {
    // What was changed last counts, also for an undo that comes later.
    const next = { ...(draft.value?.values ?? saved), ...changes };
    draft.value = same(next, saved) ? null : { updatedAt, values: next };
    setState(({ busy, checked }) => ({ busy, checked }));
  };
  const discard = () => {
    draft.value = null;
    forgetDraft(draftName);
    setState(SETTLED);
  };
  const save = async () => {
    if (state.busy) return false;
    if (!draft.value) return true;
    if (!values.name.trim()) setState({ ...SETTLED, error: new ApiError(t.workflows.nameMissing, 'BAD_USER_INPUT', 'input.name') });
    else if (firstMissing(values)) setState({ ...SETTLED, checked: true });
    else return write();
    return false;
  };
  const write = async () => {
    setState({ ...SETTLED, busy: true });
    try {
      const { name, triggers, items, settings } = values;
      await mutate(UPDATE, { input: { workflowId: workflow.id, expectedUpdatedAt: updatedAt, name: name.trim(), triggers: triggersInput(triggers), steps: inputOf(items), settings } });
      discard();
      toast({ text: t.common.saved });
      return true;
    } catch (error) {
      const meanwhile = error instanceof ApiError && error.code === 'CONFLICT' && error.input !== 'name';
      if (meanwhile) reload();
      setState({ ...SETTLED, ...(!meanwhile && { error }) });
      return false;
    }
  };
  return {
    workflow, values, set, save, discard, dirty: draft.value !== null, ...state, error: state.error,
    outdated: draft.value !== null && updatedAt !== workflow.updatedAt,
    keepMine: () => {
      if (draft.value) draft.value = { ...draft.value, updatedAt: workflow.updatedAt };
    },
  };
}
