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
  /** Whether all is saved now. `quietly`: another dialog follows. */
  save: (quietly?: boolean) => Promise<boolean>;
  discard: () => void;
  /** Changes the name at once; what else was changed stays unsaved. */
  rename: (name: string) => Promise<void>;
  /** Saves on top of what the other person saved. */
  keepMine: () => void;
};

/** As the fields have them: without seconds. */
const hoursOf = ({ start, end }: NonNullable<Settings['quietHours']>) => ({ start: start.slice(0, 5), end: end.slice(0, 5) });

const valuesOf = ({ name, triggers, steps, settings }: Workflow): Values => ({
  name, triggers: triggers.map(({ trigger, targetIds, tags, days }) => ({ trigger, targetIds, tags, days })), items: treeOf(steps),
  settings: { reentry: settings.reentry, stopOnJoin: settings.stopOnJoin, quietHours: settings.quietHours && hoursOf(settings.quietHours) },
});

const draftInput = ({ name, triggers, items, settings }: Values) => ({ name: name.trim(), triggers: triggersInput(triggers), steps: inputOf(items), settings });

const same = (one: Values, other: Values): boolean => JSON.stringify(one) === JSON.stringify(other);

type State = { busy: boolean; checked: boolean; error?: unknown };

const SETTLED: State = { busy: false, checked: false };

const nameMissing = () => new ApiError(t.workflows.nameMissing, 'BAD_USER_INPUT', 'input.name');

/** What keeps the values from being saved. */
function refusal(values: Values): Partial<State> | undefined {
  if (!values.name.trim()) return { error: nameMissing() };
  return firstMissing(values) ? { checked: true } : undefined;
}

function useValues(workflow: Workflow) {
  const draftName = `workflow.${workflow.id}`;
  const draft = useDraft<Draft | null>(draftName, null);
  const saved = valuesOf(workflow);
  const updatedAt = draft.value?.updatedAt ?? workflow.updatedAt;
  return {
    values: draft.value?.values ?? saved,
    updatedAt,
    dirty: draft.value !== null,
    change: (changes: Partial<Values>) => {
      // What was changed last counts, also for an undo that comes later.
      const next = { ...(draft.value?.values ?? saved), ...changes };
      draft.value = same(next, saved) ? null : { updatedAt, values: next };
    },
    forget: () => {
      draft.value = null;
      forgetDraft(draftName);
    },
    keepMine: () => {
      if (draft.value) draft.value = { ...draft.value, updatedAt: workflow.updatedAt };
    },
    renamed: (now: Workflow) => {
      const next = draft.value && { ...draft.value.values, name: now.name };
      draft.value = !next || same(next, valuesOf(now)) ? null : { updatedAt: now.updatedAt, values: next };
    },
  };
}

/** `reload` reads what another person saved. */
export function useEditing(workflow: Workflow, reload: () => void): Editing {
  const { values, updatedAt, dirty, change, forget, keepMine, renamed } = useValues(workflow);
  const [state, setState] = useState<State>(SETTLED);
  const discard = () => {
    forget();
    setState(SETTLED);
  };
  const save = async (quietly = false) => {
    if (state.busy) return false;
    if (!dirty) return true;
    const refused = refusal(values);
    setState({ ...SETTLED, busy: !refused, ...refused });
    if (refused) return false;
    try {
      await mutate(UPDATE, { input: { workflowId: workflow.id, expectedUpdatedAt: updatedAt, ...draftInput(values) } });
      discard();
      if (!quietly) toast({ text: t.common.saved });
      return true;
    } catch (error) {
      const meanwhile = error instanceof ApiError && error.code === 'CONFLICT' && error.input !== 'name';
      if (meanwhile) reload();
      setState({ ...SETTLED, ...(!meanwhile && { error }) });
      return false;
    }
  };
  const rename = async (name: string) => {
    if (!name) throw nameMissing();
    const { updateWorkflow } = await mutate(UPDATE, { input: { workflowId: workflow.id, expectedUpdatedAt: updatedAt, name } });
    if (updateWorkflow) renamed(updateWorkflow.workflow);
    toast({ text: t.common.saved });
  };
  return {
    workflow, values, save, rename, discard, keepMine, dirty, ...state, error: state.error,
    outdated: dirty && updatedAt !== workflow.updatedAt,
    set: (changes) => {
      change(changes);
      setState(({ busy, checked }) => ({ busy, checked }));
    },
  };
}
