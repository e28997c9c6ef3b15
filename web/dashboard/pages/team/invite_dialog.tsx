import { useState } from 'preact/hooks';
import { ApiError, boot, mutate } from '../../api';
import { Button, Dialog, ErrorNotice, TextField, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { Role } from './documents';
import { INVITE } from './documents';
import { RoleChoice } from './role_choice';

const DRAFT = 'team.invite';
const MAX_ADDRESS = 254;
const MAX_NAME = 100;

const EMPTY: { email: string; name: string; role: Role } = { email: '', name: '', role: 'STAFF' };

function useInvite(onDone: () => void) {
  const draft = useDraft(DRAFT, EMPTY);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { email, name, role } = draft.value;
  const invite = async () => {
    if (busy) return;
    if (!email.trim()) return setError(new ApiError(t.team.emailMissing, 'BAD_USER_INPUT', 'input.email'));
    setBusy(true);
    setError(undefined);
    try {
      await mutate(INVITE, { input: { email: email.trim(), name: name.trim() || null, role } });
      forgetDraft(DRAFT);
      toast({ text: boot.keepsMail ? t.team.invitedKept(email.trim()) : t.team.invited(email.trim()) });
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const set = (change: Partial<typeof EMPTY>) => {
    draft.value = { ...draft.value, ...change };
    setError(undefined);
  };
  return { values: draft.value, set, busy, error, invite };
}

export function InviteDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { values, set, busy, error, invite } = useInvite(onDone);
  const beside = (field: string) => (error instanceof ApiError && error.input === field ? error.message : undefined);
  const [emailError, nameError] = [beside('email'), beside('name')];
  return (
    <Dialog open onClose={onClose} title={t.team.inviteTitle} dirty={Boolean(values.email)} form={{ onSubmit: invite }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.team.sendInvitation}</Button>
      </>
    }>
      <TextField label={t.team.email} type="email" autofocus autocomplete="off" maxLength={MAX_ADDRESS} value={values.email} error={emailError}
        hint={t.team.emailHint} onInput={(email) => set({ email })} />
      <TextField label={t.team.name} optional autocomplete="off" maxLength={MAX_NAME} value={values.name} error={nameError}
        onInput={(name) => set({ name })} />
      <RoleChoice value={values.role} onChange={(role) => set({ role })} />
      {error !== undefined && !emailError && !nameError && <ErrorNotice error={error} />}
    </Dialog>
  );
}
