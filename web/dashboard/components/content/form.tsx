// A form about one object: what is typed is kept in the tab until it is saved, and only what differs is sent.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { ApiError } from '../../api/error';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { Button } from '../button';
import { Banner, ErrorNotice } from '../feedback';
import { toast } from '../toaster';
import { noContent } from './status';

type Fields = Record<string, string | boolean>;

type ContentFormState<Values extends Fields> = {
  values: Values;
  set: (changes: Partial<Values>) => void;
  errorOf: (field: keyof Values) => string | undefined;
  /** The rest of the form is rendered from these. */
  error: unknown;
  busy: boolean;
  dirty: boolean;
  submit: () => Promise<void>;
  discard: () => void;
};

const differing = <Values extends Fields>(values: Values, saved: Values): Partial<Values> =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => saved[name] !== value)) as Partial<Values>;

export function useContentForm<Values extends Fields>(name: string, saved: Values, save: (changes: Partial<Values>) => Promise<unknown>): ContentFormState<Values> {
  const draft = useDraft<Partial<Values>>(name, {});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const values = { ...saved, ...draft.value };
  const changes = differing(values, saved);
  const discard = () => {
    draft.value = {};
    forgetDraft(name);
    setError(undefined);
  };
  const submit = async () => {
    if (busy || Object.keys(changes).length === 0) return;
    const before = Object.fromEntries(Object.keys(changes).map((field) => [field, saved[field]])) as Partial<Values>;
    setBusy(true);
    setError(undefined);
    try {
      await save(changes);
      discard();
      toast({ text: t.common.saved, undo: () => save(before).then(() => undefined) });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const set = (next: Partial<Values>) => {
    draft.value = differing({ ...values, ...next }, saved);
    setError(undefined);
  };
  const input = error instanceof ApiError ? error.input : undefined;
  const errorOf = (field: keyof Values) => (input === field && error instanceof Error ? error.message : undefined);
  return { values, set, errorOf, error: input && input in values ? undefined : error, busy, dirty: Object.keys(changes).length > 0, submit, discard };
}

/** The fields with their buttons, which appear with the first change. */
export function ContentForm<Values extends Fields>({ form, children }: { form: ContentFormState<Values>; children: ComponentChildren }) {
  return (
    <form class="content-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void form.submit();
    }}>
      {children}
      {form.error !== undefined && <ErrorNotice error={form.error} />}
      {form.dirty && <Banner tone="info">{t.access.unsaved}</Banner>}
      <div class="actions">
        <Button type="submit" busy={form.busy} disabled={!form.dirty} disabledReason={noContent()}>{t.common.save}</Button>
        {form.dirty && <Button kind="quiet" onClick={form.discard}>{t.access.discard}</Button>}
      </div>
    </form>
  );
}
