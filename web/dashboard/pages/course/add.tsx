import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, ErrorNotice, TextField } from '../../components';
import { t } from '../../i18n';
import { MAX_TITLE, errorAt } from './documents';
import { noRole } from './header';

type AddProps = {
  /** What opens the form. */
  label: string;
  titleLabel: string;
  /** Creates it and returns its id. */
  create: (title: string) => Promise<string>;
  onAdded: (id: string) => void;
  /** Also offers to open what was added. */
  onOpen?: (id: string) => void;
  kind?: 'primary' | 'plain';
};

/** Adds one after the other: Enter adds, and the field is ready for the next title. Escape closes it. */
export function AddForm(props: AddProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLSpanElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) button.current?.querySelector('button')?.focus();
    wasOpen.current = open;
  }, [open]);
  if (open) return <OpenForm {...props} onClose={() => setOpen(false)} />;
  return (
    <span class="outline-add" ref={button}>
      <Button kind={props.kind ?? 'quiet'} size="small" icon="plus" disabledReason={noRole()} onClick={() => setOpen(true)}>{props.label}</Button>
    </span>
  );
}

function OpenForm({ titleLabel, create, onAdded, onOpen, onClose }: AddProps & { onClose: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [title, setTitle] = useState('');
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const focus = (): void => form.current?.querySelector('input')?.focus();
  useLayoutEffect(focus, []);

  const add = async (after: ((id: string) => void) | undefined) => {
    if (busy) return;
    setMissing(!title.trim());
    setError(undefined);
    if (!title.trim()) return focus();
    setBusy(true);
    try {
      const id = await create(title.trim());
      setTitle('');
      onAdded(id);
      if (after) after(id);
      else focus();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const wrong = missing ? t.courses.titleMissing : errorAt(error, 'title');
  return (
    <form class="outline-form" ref={form} noValidate onSubmit={(event) => { event.preventDefault(); void add(undefined); }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}>
      <TextField label={titleLabel} autocomplete="off" maxLength={MAX_TITLE} value={title} error={wrong}
        onInput={(typed) => { setTitle(typed); setMissing(false); }} />
      <div class="outline-form-actions">
        <Button type="submit" size="small" busy={busy}>{t.courses.add}</Button>
        {onOpen && <Button kind="quiet" size="small" onClick={() => void add(onOpen)}>{t.courses.addAndWrite}</Button>}
        <Button kind="plain" size="small" onClick={onClose}>{t.common.close}</Button>
      </div>
      {error !== undefined && !wrong && <ErrorNotice error={error} />}
    </form>
  );
}
