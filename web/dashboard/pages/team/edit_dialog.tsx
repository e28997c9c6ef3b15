import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { Banner, Button, Dialog, ErrorNotice, TextField, toast } from '../../components';
import { t } from '../../i18n';
import type { EndedKey, Member, Role } from './documents';
import { UPDATE, isViewer, nameOf } from './documents';
import { RoleChoice } from './role_choice';

const MAX_NAME = 100;

type EditProps = {
  member: Member;
  /** As it is by now, while the dialog is open. */
  now: Member | undefined;
  onClose: () => void;
  onDone: (ended: readonly EndedKey[]) => void;
};

/** What a change of the role ends, as it is chosen. */
function consequence(member: Member, role: Role): string | null {
  if (role === member.role) return null;
  const endsKeys = role === 'STAFF' || role === 'READ_ONLY';
  const text = endsKeys ? t.team.roleEndsKeys : t.team.roleEndsSessions;
  return isViewer(member) ? `${text} ${t.team.thatIsYou}` : text;
}

function useEdit({ member, onDone }: EditProps, name: string, role: Role) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async () => {
    if (busy) return;
    const newName = name.trim() || null;
    const [nameChanged, roleChanged] = [newName !== member.name, role !== member.role];
    if (!nameChanged && !roleChanged) return onDone([]);
    setBusy(true);
    setError(undefined);
    try {
      const input = { teamMemberId: member.id, ...(nameChanged && { name: newName }), ...(roleChanged && { role }) };
      const ended = (await mutate(UPDATE, { input })).updateTeamMember?.revokedApiKeys ?? [];
      const undo = () => mutate(UPDATE, { input: { teamMemberId: member.id, name: member.name } }).then(() => undefined);
      toast({ text: t.team.saved(newName ?? member.email), ...(!roleChanged && { undo }) });
      onDone(ended);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return { busy, error, clear: () => setError(undefined), save };
}

export function EditDialog(props: EditProps) {
  const { member, now, onClose } = props;
  const [name, setName] = useState(member.name ?? '');
  const [role, setRole] = useState(member.role);
  const { busy, error, clear, save } = useEdit(props, name, role);
  const nameError = error instanceof ApiError && error.input === 'name' ? error.message : undefined;
  const warning = consequence(member, role);
  const changed = now && (now.name !== member.name || now.role !== member.role);
  return (
    <Dialog open onClose={onClose} title={t.team.editTitle(nameOf(member))} dirty={name !== (member.name ?? '') || role !== member.role}
      form={{ onSubmit: save }} footer={
        <>
          <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" busy={busy}>{t.common.save}</Button>
        </>
      }>
      <TextField label={t.team.name} optional autocomplete="off" maxLength={MAX_NAME} value={name} error={nameError}
        onInput={(typed) => { setName(typed); clear(); }} />
      <RoleChoice value={role} onChange={(chosen) => { setRole(chosen); clear(); }} />
      {changed && <Banner tone="warn">{t.team.changedMeanwhile(nameOf(now), t.words.role[now.role])}</Banner>}
      {warning && <Banner tone="warn">{warning}</Banner>}
      {error !== undefined && !nameError && <ErrorNotice error={error} />}
    </Dialog>
  );
}
