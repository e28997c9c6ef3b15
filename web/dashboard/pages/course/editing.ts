// Forms that change something: what is typed survives a reload, only changed fields are sent, and a change by others is shown before it
// is replaced. The API takes no expected version of lessons, so a lesson is read once more before saving.
import { useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { toast } from '../../components';
import { useDraft } from '../../draft';
import { t } from '../../i18n';

export type Values = Record<string, string>;

type Options<V extends Values> = {
  /** The name of the draft. */
  name: string;
  saved: V;
  /** What the server has now; null if it is gone. */
  read: () => Promise<V | null>;
  /** Sends the fields that changed. */
  save: (values: V, changed: (keyof V)[]) => Promise<void>;
  /** What is missing, before anything is sent. */
  check?: (values: V) => Partial<Record<keyof V, string>> | null;
  /** The values as they are saved, such as without a URL that the chosen kind doesn't have. */
  normal?: (values: V) => V;
};

const differing = <V extends Values>(one: V, other: V): (keyof V)[] => Object.keys(one).filter((key) => one[key] !== other[key]);

/** The message beside its field; null if it is of none. */
function fieldError<V extends Values>(failure: unknown, fields: V): Partial<Record<keyof V, string>> | null {
  if (!(failure instanceof ApiError) || !failure.input || !(failure.input in fields)) return null;
  return { [failure.input]: failure.message } as Partial<Record<keyof V, string>>;
}

export function useEditing<V extends Values>({ name, saved, read, save, check, normal = (values) => values }: Options<V>) {
  const draft = useDraft<{ base: V; values: V } | null>(name, null);
  const [errors, setErrors] = useState<Partial<Record<keyof V, string>>>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [theirs, setTheirs] = useState<(keyof V)[]>([]);
  const base = draft.value?.base ?? saved;
  const values = draft.value?.values ?? saved;
  const changed = differing(base, normal(values));

  const refused = (failure: unknown) => {
    const found = fieldError(failure, saved);
    if (found) setErrors(found);
    else setError(failure);
  };
  const send = async (overwrite: boolean) => {
    const latest = overwrite ? null : await read();
    const replaced = latest ? changed.filter((key) => latest[key] !== base[key] && latest[key] !== values[key]) : [];
    setTheirs(replaced);
    if (replaced.length) return;
    await save(normal(values), changed);
    draft.value = null;
    toast({ text: t.common.saved, undo: () => save(base, changed) });
  };
  const submit = async (overwrite = false) => {
    if (busy || !changed.length) return;
    const wrong = check?.(normal(values));
    if (wrong) return setErrors(wrong);
    setBusy(true);
    setErrors({});
    setError(undefined);
    await send(overwrite).catch(refused);
    setBusy(false);
  };
  const set = (change: Partial<V>) => {
    draft.value = { base, values: { ...values, ...change } };
    setErrors({});
  };
  const discard = () => {
    draft.value = null;
    setErrors({});
    setError(undefined);
    setTheirs([]);
  };
  return { values, errors, error, busy, dirty: changed.length > 0, theirs, set, submit, discard };
}

export type Editing<V extends Values> = ReturnType<typeof useEditing<V>>;
