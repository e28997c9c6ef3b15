// What is done to a whole list: renaming and deleting it.
import { Confirm, toast } from '../../components';
import { t } from '../../i18n';
import { deleteList, updateList } from './documents';
import { NameDialog } from './name_dialog';

type List = { id: string; name: string };

type ChangeProps = { list: List; onClose: () => void; onDone: () => void };

export function Rename({ list: { id, name }, onClose, onDone }: ChangeProps) {
  const save = async (next: string) => {
    if (next === name) return;
    await updateList(id, { name: next });
    toast({ text: t.smartLists.renamed(next), undo: () => updateList(id, { name }).then(() => undefined) });
    onDone();
  };
  return <NameDialog title={t.smartLists.renameTitle} action={t.common.save} draft={`smart-list.${id}.name`} initial={name} save={save} onClose={onClose} />;
}

export function Delete({ list: { id, name }, onClose, onDone }: ChangeProps) {
  const confirm = async () => {
    await deleteList(id);
    toast({ text: t.smartLists.deleted(name) });
    onDone();
  };
  return (
    <Confirm open onClose={onClose} title={t.smartLists.deleteTitle(name)} action={t.smartLists.delete} danger onConfirm={confirm}>
      <p>{t.smartLists.deleteHint}</p>
    </Confirm>
  );
}
