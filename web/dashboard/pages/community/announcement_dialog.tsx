import { useState } from 'preact/hooks';
import { ApiError, graphql, mutate } from '../../api';
import { Button, Dialog, ErrorNotice, TextField, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { Announcement } from './documents';

const CREATE = graphql(`
  mutation CreateAnnouncement($input: CreateAnnouncementInput!) {
    createAnnouncement(input: $input) { announcement { id title body bodyHtml author publishedAt updatedAt } }
  }
`);

const UPDATE = graphql(`
  mutation UpdateAnnouncement($input: UpdateAnnouncementInput!) {
    updateAnnouncement(input: $input) { announcement { id title body bodyHtml updatedAt } }
  }
`);

const MAX_TITLE = 200;
const MAX_BODY = 100_000;

type Values = { title: string; body: string };

type AnnouncementDialogProps = {
  communityId: string;
  /** The one that is changed; missing for a new one. */
  announcement?: Announcement;
  onClose: () => void;
  onDone: () => void;
};

const problem = ({ title, body }: Values): ApiError | null => {
  if (!title.trim()) return new ApiError(t.access.titleMissing, 'BAD_USER_INPUT', 'input.title');
  return body.trim() ? null : new ApiError(t.communities.bodyMissing, 'BAD_USER_INPUT', 'input.body');
};

function useWriting({ communityId, announcement, onClose, onDone }: AnnouncementDialogProps) {
  const name = `announcement.${announcement?.id ?? communityId}`;
  const saved: Values = { title: announcement?.title ?? '', body: announcement?.body ?? '' };
  const values = useDraft<Values>(name, saved);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = (input: Values) => announcement
    ? mutate(UPDATE, { input: { announcementId: announcement.id, ...input } })
    : mutate(CREATE, { input: { communityId, ...input } });
  const submit = async () => {
    const wrong = problem(values.value);
    setError(wrong ?? undefined);
    if (busy || wrong) return;
    setBusy(true);
    try {
      await send(values.value);
      forgetDraft(name);
      toast({ text: announcement ? t.common.saved : t.communities.published, ...(announcement && { undo: () => send(saved).then(() => undefined) }) });
      onDone();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const set = (changes: Partial<Values>) => {
    values.value = { ...values.value, ...changes };
    setError(undefined);
  };
  const dirty = values.value.title !== saved.title || values.value.body !== saved.body;
  return { values: values.value, set, busy, error, dirty, submit };
}

export function AnnouncementDialog(props: AnnouncementDialogProps) {
  const { announcement, onClose } = props;
  const { values, set, busy, error, dirty, submit } = useWriting(props);
  const input = error instanceof ApiError ? error.input : undefined;
  const errorOf = (field: keyof Values) => (input === field && error instanceof Error ? error.message : undefined);
  return (
    <Dialog open onClose={onClose} size="wide" title={announcement ? t.communities.editAnnouncement : t.communities.write} dirty={dirty} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{announcement ? t.common.save : t.access.publish}</Button>
      </>
    }>
      <TextField label={t.access.title} autofocus autocomplete="off" maxLength={MAX_TITLE} value={values.title} error={errorOf('title')}
        onInput={(title) => set({ title })} />
      <TextField label={t.communities.body} hint={t.access.markdown} multiline={12} maxLength={MAX_BODY} value={values.body} error={errorOf('body')}
        onInput={(body) => set({ body })} />
      {error !== undefined && input !== 'title' && input !== 'body' && <ErrorNotice error={error} />}
    </Dialog>
  );
}
