// A form about one object: what is typed is kept in the tab until it is saved, only what differs is sent, and nothing replaces a change
// by others unseen.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/error';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { Button } from '../button';
import { Conflict } from '../conflict';
import { Banner, ErrorNotice } from '../feedback';
import { toast } from '../toaster';
import { noContent } from './status';

type Fields = Record<string, string | boolean>;

/** The values that the server has, and since when. */
export type Version<Values extends Fields> = { values: Values; updatedAt: string };

type Options<Values extends Fields> = {
  /** The name of the draft. */
  name: string;
  saved: Version<Values>;
  labels: Record<keyof Values, string>;
  /** What the server has now; null if it is gone. */
  read: () => Promise<Version<Values> | null>;
  /** Refused with `CONFLICT` if it was changed since; without a time what is there is replaced. */
  save: (changes: Partial<Values>, expectedUpdatedAt?: string) => Promise<unknown>;
};

/** What is being typed, and what was there when that began. */
type Draft<Values extends Fields> = { base: Version<Values>; changes: Partial<Values> } | null;

const namesOf = <Values extends Fields>(values: Partial<Values>): (keyof Values)[] => Object.keys(values);

const pick = <Values extends Fields>(values: Partial<Values>, names: readonly (keyof Values)[]): Partial<Values> =>
  Object.fromEntries(names.map((name) => [name, values[name]])) as Partial<Values>;

const differing = <Values extends Fields>(values: Partial<Values>, saved: Values): Partial<Values> =>
  pick(values, namesOf(values).filter((name) => saved[name] !== values[name]));

const isConflict = (failure: unknown): boolean =>
  failure instanceof ApiError && failure.code === 'CONFLICT' && (!failure.input || failure.input === 'expectedUpdatedAt');

/** How often others may change other fields while one's own are sent. */
const MOST_TRIES = 3;

export function useContentForm<Values extends Fields>({ name, saved, labels, read, save }: Options<Values>) {
  const draft = useDraft<Draft<Values>>(name, null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [theirs, setTheirs] = useState<Version<Values> | null>(null);
  const base = draft.value?.base ?? saved;
  const changes = differing(draft.value?.changes ?? {}, base.values);
  const values: Values = { ...saved.values, ...changes };
  const discard = () => {
    draft.value = null;
    forgetDraft(name);
    setError(undefined);
  };
  // Someone else may have changed something else: what is changed here is what must still be as it was.
  const send = async (from: Version<Values>, wanted: Partial<Values>, tries = 1): Promise<void> => {
    try {
      await save(wanted, from.updatedAt);
    } catch (failure) {
      const latest = isConflict(failure) && tries < MOST_TRIES ? await read() : null;
      if (!latest) throw failure;
      const replaced = namesOf(wanted).some((field) => latest.values[field] !== from.values[field] && latest.values[field] !== wanted[field]);
      if (replaced) return setTheirs(latest);
      return send(latest, wanted, tries + 1);
    }
    discard();
    const before = pick(from.values, namesOf(wanted));
    toast({ text: t.common.saved, undo: () => save(before).then(() => undefined) });
  };
  const submit = async (from = base, wanted = changes) => {
    if (busy || namesOf(wanted).length === 0) return;
    setBusy(true);
    setError(undefined);
    await send(from, wanted).catch(setError);
    setBusy(false);
  };
  const resolve = (latest: Version<Values>, kept: readonly string[]) => {
    const wanted = differing(pick(changes, namesOf(changes).filter((field) => kept.includes(String(field)))), latest.values);
    setTheirs(null);
    draft.value = namesOf(wanted).length ? { base: latest, changes: wanted } : null;
    void submit(latest, wanted);
  };
  const set = (next: Partial<Values>) => {
    const now = differing({ ...changes, ...next }, base.values);
    draft.value = namesOf(now).length ? { base, changes: now } : null;
    setError(undefined);
  };
  const input = error instanceof ApiError ? error.input : undefined;
  const errorOf = (field: keyof Values) => (input === field && error instanceof Error ? error.message : undefined);
  return {
    values, set, errorOf, labels, changes, busy, submit, discard, theirs, resolve, dirty: namesOf(changes).length > 0,
    /** What is not said beside a field. */
    error: input && input in values ? undefined : error,
    keepEditing: () => setTheirs(null),
  };
}

type ContentFormState<Values extends Fields> = ReturnType<typeof useContentForm<Values>>;

const shown = (value: string | boolean | undefined): string => (typeof value === 'boolean' ? t.access.onOff[value ? 'on' : 'off'] : value || t.common.none);

function Changed<Values extends Fields>({ form: { theirs, labels, changes, resolve, keepEditing } }: { form: ContentFormState<Values> }) {
  if (!theirs) return null;
  const fields = namesOf(changes).filter((name) => changes[name] !== theirs.values[name]).map((name) => ({
    name: String(name), label: labels[name], mine: shown(changes[name]), theirs: shown(theirs.values[name]), untouched: false,
  }));
  return <Conflict title={t.access.conflictTitle} at={theirs.updatedAt} fields={fields} onClose={keepEditing} onResolve={(kept) => resolve(theirs, kept)} />;
}

/** The fields with their buttons, which appear with the first change. */
export function ContentForm<Values extends Fields>({ form, children }: { form: ContentFormState<Values>; children: ComponentChildren }) {
  const element = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!form.busy) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form.busy]);
  return (
    <>
      <form ref={element} class="content-form" noValidate onSubmit={(event) => {
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
      {/* A form of its own. */}
      <Changed form={form} />
    </>
  );
}
