import { useState } from 'preact/hooks';
import { mutate } from '../../api';
import { Button, Dialog, ErrorNotice, TextField, toast } from '../../components';
import { t } from '../../i18n';
import { MAX_TITLE, UPDATE_LESSON, UPDATE_MODULE, errorAt } from './documents';
import type { Item } from './outline';
import { titleOf } from './outline';

async function rename(item: Item, title: string): Promise<void> {
  if (item.kind === 'module') await mutate(UPDATE_MODULE, { input: { moduleId: item.module.id, title } });
  else await mutate(UPDATE_LESSON, { input: { lessonId: item.lesson.id, title } });
}

export function Rename({ item, onClose }: { item: Item; onClose: () => void }) {
  const [title, setTitle] = useState(titleOf(item));
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const wanted = title.trim();
    if (busy) return;
    if (!wanted) return setMissing(true);
    if (wanted === titleOf(item)) return onClose();
    setBusy(true);
    setError(undefined);
    try {
      await rename(item, wanted);
      toast({ text: t.courses.renamed(wanted), undo: () => rename(item, titleOf(item)) });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const wrong = missing ? t.courses.titleMissing : errorAt(error, 'title');
  return (
    <Dialog open onClose={onClose} title={item.kind === 'module' ? t.courses.renameModule : t.courses.renameLesson} size="small"
      dirty={title !== titleOf(item)} form={{ onSubmit: save }} footer={
        <>
          <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" busy={busy}>{t.common.save}</Button>
        </>
      }>
      <TextField label={item.kind === 'module' ? t.courses.moduleTitle : t.courses.lessonTitle} autocomplete="off" maxLength={MAX_TITLE} value={title}
        error={wrong} onInput={(typed) => { setTitle(typed); setMissing(false); }} />
      {error !== undefined && !wrong && <ErrorNotice error={error} />}
    </Dialog>
  );
}
