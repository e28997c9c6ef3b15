import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { Button, Confirm, Dialog, ErrorNotice, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { Audience, Item } from './documents';
import { CREATE, DELETE, UPDATE } from './documents';
import { ItemForm } from './form';
import type { Errors, Values } from './values';
import { EMPTY, inputOf, missing, refusedFields, valuesOf } from './values';

type ItemDialogProps = { audience: Audience; item: Item | null; onClose: () => void; onDone: () => void };

/** Creates an item at the end of the menu, or changes `item`. */
export function ItemDialog({ audience, item, onClose, onDone }: ItemDialogProps) {
  const before = item ? valuesOf(item) : EMPTY;
  const name = `menu.${item?.id ?? audience}`;
  const values = useDraft<Values>(name, before);
  const [errors, setErrors] = useState<Errors>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const send = async () => {
    const input = inputOf(audience, values.value);
    if (item) await mutate(UPDATE, { input: { menuItemId: item.id, ...input } });
    else await mutate(CREATE, { input: { audience, ...input } });
  };
  const close = () => {
    if (item) forgetDraft(name);
    onClose();
  };
  const submit = async () => {
    const wrong = missing(values.value);
    setErrors(wrong);
    setError(undefined);
    if (busy || Object.keys(wrong).length) return;
    setBusy(true);
    try {
      await send();
      toast({ text: item ? t.menu.changed(values.value.title.trim()) : t.menu.created(values.value.title.trim()) });
      forgetDraft(name);
      onClose();
      onDone();
    } catch (failure) {
      const refused = refusedFields(failure);
      setErrors(refused ?? {});
      if (!refused) setError(failure);
      setBusy(false);
    }
  };
  const set = (change: Partial<Values>) => {
    values.value = { ...values.value, ...change };
    setErrors({});
  };
  return (
    <Dialog open onClose={close} title={item ? t.menu.editItem : t.menu.newItem} dirty={JSON.stringify(values.value) !== JSON.stringify(before)} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={close}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{item ? t.common.save : t.menu.add}</Button>
      </>
    }>
      <ItemForm audience={audience} values={values.value} errors={errors} set={set} />
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}

export function Removal({ item, onClose, onDone }: { item: Item; onClose: () => void; onDone: () => void }) {
  const remove = async () => {
    try {
      await mutate(DELETE, { input: { menuItemId: item.id } });
    } catch (error) {
      // Someone else deleted it first: it is gone, as was wanted.
      if (!(error instanceof ApiError && error.code === 'NOT_FOUND')) throw error;
    }
    toast({ text: t.menu.deleted(item.title) });
    onDone();
    // The button that opened the question is gone with its row.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true }));
  };
  return (
    <Confirm open onClose={onClose} title={t.menu.deleteTitle} action={t.menu.delete} danger onConfirm={remove}>
      <p>{t.menu.deleteText(item.title)}</p>
    </Confirm>
  );
}
