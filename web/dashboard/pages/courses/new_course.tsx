import type { Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../../api';
import { mutate } from '../../api';
import { Button, Dialog, ErrorNotice, RadioGroup, TextField, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { CREATE } from './documents';
import { webAddress } from './web_address';

type Values = { title: string; description: string; place: 'portal' | 'elsewhere'; externalUrl: string };

const EMPTY: Values = { title: '', description: '', place: 'portal', externalUrl: '' };
const DRAFT = 'course.new';
const MAX_TITLE = 200;

const FIELDS = ['title', 'description', 'externalUrl'];

const inputOf = ({ title, description, place, externalUrl }: Values) => ({
  title: title.trim(), description: description.trim() || null, externalUrl: place === 'elsewhere' ? webAddress(externalUrl) : null,
});

/** What is missing, before anything is sent. */
function missing({ title, place, externalUrl }: Values): Record<string, string> | null {
  if (!title.trim()) return { title: t.courses.titleMissing };
  return place === 'elsewhere' && !externalUrl.trim() ? { externalUrl: t.courses.urlMissing } : null;
}

function useCreating(values: Signal<Values>) {
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const create = async () => {
    if (busy) return;
    const wrong = missing(values.value);
    if (wrong) return setErrors(wrong);
    setBusy(true);
    setError(undefined);
    try {
      const { createCourse } = await mutate(CREATE, { input: inputOf(values.value) });
      forgetDraft(DRAFT);
      toast({ text: t.courses.created(values.value.title.trim()) });
      navigate(link(createCourse ? `courses/${createCourse.course.id}` : 'courses'));
    } catch (failure) {
      const { input, message } = failure as ApiError;
      if (input && FIELDS.includes(input)) setErrors({ [input]: message });
      else setError(failure);
      setBusy(false);
    }
  };
  return { errors, error, busy, create, edited: () => setErrors({}) };
}

function Place({ now, set, error }: { now: Values; set: (change: Partial<Values>) => void; error: string | undefined }) {
  return (
    <>
      <RadioGroup label={t.courses.place} value={now.place} onChange={(place) => set({ place })} options={[
        { value: 'portal', label: t.courses.inPortal, hint: t.courses.inPortalHint },
        { value: 'elsewhere', label: t.courses.elsewhere, hint: t.courses.elsewhereHint },
      ]} />
      {now.place === 'elsewhere' && (
        <TextField label={t.courses.externalUrl} type="url" autocomplete="off" placeholder="https://" value={now.externalUrl} error={error}
          onInput={(externalUrl) => set({ externalUrl })} />
      )}
    </>
  );
}

export function NewCourse({ onClose }: { onClose: () => void }) {
  const values = useDraft<Values>(DRAFT, EMPTY);
  const fields = useRef<HTMLDivElement>(null);
  const { errors, error, busy, create, edited } = useCreating(values);
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  const now = values.value;
  const set = (change: Partial<Values>) => {
    values.value = { ...values.value, ...change };
    edited();
  };
  return (
    <Dialog open onClose={onClose} title={t.courses.newCourse} dirty={JSON.stringify(now) !== JSON.stringify(EMPTY)} form={{ onSubmit: create }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.courses.create}</Button>
      </>
    }>
      <div class="course-fields" ref={fields}>
        <TextField label={t.courses.titleLabel} autocomplete="off" maxLength={MAX_TITLE} value={now.title} error={errors['title']}
          onInput={(title) => set({ title })} />
        <TextField label={t.courses.description} hint={t.courses.markdownHint} optional multiline={4} value={now.description}
          error={errors['description']} onInput={(description) => set({ description })} />
        <Place now={now} set={set} error={errors['externalUrl']} />
        <p class="hint">{t.courses.newHint}</p>
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
