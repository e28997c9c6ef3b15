// What is typed, kept in the tab until it is saved; and who wins if another person saved meanwhile.
import { useState } from 'preact/hooks';
import { ApiError, mutate, query } from '../../api';
import { toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { SystemEmail } from './documents';
import { RESET, SET, SYSTEM_EMAIL } from './documents';

type Values = Pick<SystemEmail, 'subject' | 'body'>;

type Draft = {
  /** When the text that was changed had been saved; null for the built-in one. */
  base: string | null;
  values: Values;
};

export type Editing = {
  values: Values;
  set: (changes: Partial<Values>) => void;
  dirty: boolean;
  busy: boolean;
  /** Another person saved or reset it since. */
  outdated: boolean;
  error: unknown;
  errorOf: (field: string) => string | undefined;
  save: () => Promise<void>;
  /** The built-in text again. */
  reset: () => Promise<void>;
  discard: () => void;
  /** Saves on top of what the other person saved. */
  keepMine: () => void;
};

const CONFLICT = 'CONFLICT';

/** The API compares times: a built-in text has none, so it is read again before it is replaced. */
async function replace({ kind, language }: SystemEmail, { base, values }: Draft): Promise<void> {
  if (base === null) {
    const { systemEmail } = await query(SYSTEM_EMAIL, { kind, language });
    if (systemEmail?.updatedAt) throw new ApiError(t.systemEmails.outdated, CONFLICT);
  }
  await mutate(SET, { input: { kind, locale: language, ...values, expectedUpdatedAt: base } });
}

/** `reload` reads what another person saved. */
export function useEditing(email: SystemEmail, reload: () => void): Editing {
  const { kind, language, subject, body, updatedAt } = email;
  const name = `system-email.${kind}.${language}`;
  const draft = useDraft<Draft | null>(name, null);
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const values = draft.value?.values ?? { subject, body };
  const set = (changes: Partial<Values>) => {
    const next = { ...values, ...changes };
    draft.value = next.subject === subject && next.body === body ? null : { base: draft.value ? draft.value.base : updatedAt, values: next };
    setState(({ busy }) => ({ busy }));
  };
  const discard = () => {
    draft.value = null;
    forgetDraft(name);
    setState({ busy: false });
  };
  const save = async () => {
    if (state.busy || !draft.value) return;
    setState({ busy: true });
    try {
      await replace(email, draft.value);
      discard();
      toast({ text: t.common.saved });
    } catch (error) {
      const meanwhile = error instanceof ApiError && error.code === CONFLICT;
      if (meanwhile) reload();
      setState({ busy: false, ...(!meanwhile && { error }) });
    }
  };
  const reset = async () => {
    await mutate(RESET, { input: { kind, locale: language } });
    discard();
    toast({ text: t.systemEmails.wasReset });
  };
  const input = state.error instanceof ApiError ? state.error.input : undefined;
  return {
    values, set, save, reset, discard, dirty: draft.value !== null, ...state,
    outdated: draft.value !== null && draft.value.base !== updatedAt,
    error: input === 'subject' || input === 'body' ? undefined : state.error,
    errorOf: (field) => (input === field && state.error instanceof Error ? state.error.message : undefined),
    keepMine: () => {
      if (draft.value) draft.value = { ...draft.value, base: updatedAt };
      setState({ busy: false });
    },
  };
}
