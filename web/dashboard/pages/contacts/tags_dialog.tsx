import { useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { Button, Dialog, ErrorNotice, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { TagsField } from '../contact/tags_field';
import type { Chosen, Outcome } from './many';
import { changeTags, countOf, undoTags } from './many';
import { Skipped } from './skipped';

type TagsDialogProps = { chosen: Chosen; suggestions: readonly string[]; onClose: () => void; onDone: () => void };

function announce(chosen: Chosen, { count, bulkJob }: Outcome, undo: () => Promise<void>): void {
  if (bulkJob) {
    const open = () => navigate(link(`jobs/${bulkJob.id}`));
    toast({ text: t.contacts.taggingStarted(count), action: { label: t.contacts.openJob, onSelect: open } });
  } else {
    toast({ text: t.contacts.tagged(count), ...('contacts' in chosen && { undo }) });
  }
}

/** What is wrong with the input, before it is sent. */
function problem(add: string[], remove: string[]): string | undefined {
  if (!add.length && !remove.length) return t.contacts.noTags;
  const both = add.find((tag) => remove.includes(tag));
  return both && t.contacts.addedAndRemoved(both);
}

const SkippedDialog = ({ skipped, onClose }: { skipped: Outcome['skipped']; onClose: () => void }) => (
  <Dialog open onClose={onClose} title={t.contacts.skipped(skipped.length)} size="small" footer={<Button onClick={onClose}>{t.common.close}</Button>}>
    <Skipped skipped={skipped} open />
  </Dialog>
);

function useTagging({ chosen, onClose, onDone }: TagsDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [skipped, setSkipped] = useState<Outcome['skipped']>([]);
  const send = async (add: string[], remove: string[]) => {
    const wrong = problem(add, remove);
    if (wrong) return setError(new ApiError(wrong, 'BAD_USER_INPUT', 'input.add'));
    setBusy(true);
    try {
      const outcome = await changeTags(chosen, add, remove);
      announce(chosen, outcome, async () => {
        if ('contacts' in chosen) await undoTags(chosen.contacts, add, remove);
        onDone();
      });
      onDone();
      if (outcome.skipped.length) setSkipped(outcome.skipped);
      else onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, skipped, send };
}

export function TagsDialog(props: TagsDialogProps) {
  const { chosen, suggestions, onClose } = props;
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const { busy, error, skipped, send } = useTagging(props);
  if (skipped.length) return <SkippedDialog skipped={skipped} onClose={onClose} />;
  const input = error instanceof ApiError ? error.input : undefined;
  const errorAt = (field: string) => (input === field && error instanceof Error ? error.message : undefined);
  return (
    <Dialog open onClose={onClose} title={t.contacts.changeTags(countOf(chosen))} size="small" dirty={add.length + remove.length > 0}
      form={{ onSubmit: () => send(add, remove) }} footer={
        <>
          <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" busy={busy}>{t.contacts.apply}</Button>
        </>
      }>
      <TagsField label={t.contacts.add} value={add} onChange={setAdd} suggestions={suggestions} error={errorAt('add')} />
      <TagsField label={t.contacts.remove} value={remove} onChange={setRemove} suggestions={suggestions} error={errorAt('remove')} />
      {error !== undefined && input !== 'add' && input !== 'remove' && <ErrorNotice error={error} />}
    </Dialog>
  );
}
