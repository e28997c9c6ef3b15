import { useState } from 'preact/hooks';
import { ApiError, mutate, useQuery } from '../../api';
import { Button, Card, ErrorNotice, Skeleton, TextField, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { FRAME_HOSTS, SET_FRAME_HOSTS, noRole } from './documents';

const DRAFT = 'menu.frame_hosts';

const hostsOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

const send = async (frameHosts: string[]) => {
  await mutate(SET_FRAME_HOSTS, { input: { frameHosts } });
};

function Form({ saved }: { saved: readonly string[] }) {
  const draft = useDraft<string | null>(DRAFT, null);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const text = draft.value ?? saved.join('\n');
  const changed = hostsOf(text).join() !== saved.join();
  const refused = noRole('ADMIN');
  const wrong = error instanceof ApiError && error.input === 'frameHosts' ? error.message : undefined;
  const save = async () => {
    if (busy || refused || !changed) return;
    setBusy(true);
    setError(undefined);
    try {
      await send(hostsOf(text));
      draft.value = null;
      forgetDraft(DRAFT);
      toast({ text: t.menu.hostsSaved, undo: () => send([...saved]) });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="menus-fields" noValidate onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <TextField label={t.menu.hosts} hint={t.menu.hostsHint} optional multiline={3} autocomplete="off" disabled={Boolean(refused)} placeholder="app.example.com"
        value={text} error={wrong} onInput={(typed) => { draft.value = typed; setError(undefined); }} />
      {error !== undefined && !wrong && <ErrorNotice error={error} />}
      <div class="actions"><Button type="submit" size="small" busy={busy} disabledReason={refused} aria-disabled={!changed}>{t.common.save}</Button></div>
    </form>
  );
}

/** The hosts whose pages menu items may show in a frame. */
export function FrameHosts() {
  const { data, error, reload } = useQuery(FRAME_HOSTS, {});
  return (
    <Card title={t.menu.frames}>
      {error && !data && <ErrorNotice error={error} retry={reload} />}
      {!error && !data && <Skeleton rows={2} />}
      {data && <Form saved={data.portal.settings.frameHosts} />}
    </Card>
  );
}
