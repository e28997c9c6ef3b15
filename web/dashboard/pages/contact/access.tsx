import { useState } from 'preact/hooks';
import { graphql, mutate } from '../../api';
import { Confirm, TextField, toast } from '../../components';
import { forgetDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Contact } from './contact';
import { nameOf } from './contact';

const REVOKE = graphql(`
  mutation RevokeAccess($input: RevokePortalAccessInput!) {
    revokePortalAccess(input: $input) { contact { id portalStatus revokedAt } }
  }
`);

const RESTORE = graphql(`
  mutation RestoreAccess($input: RestorePortalAccessInput!) {
    restorePortalAccess(input: $input) { contact { id portalStatus revokedAt } }
  }
`);

const DELETE = graphql(`
  mutation DeleteContact($input: DeleteContactInput!) {
    deleteContact(input: $input) { deletedContactId }
  }
`);

export async function restoreAccess(contact: Contact): Promise<void> {
  await mutate(RESTORE, { input: { contactId: contact.id } });
  toast({ text: t.contact.restored(nameOf(contact)) });
}

type DialogProps = { open: boolean; contact: Contact; onClose: () => void };

export function Revoke({ open, contact, onClose, onChanged }: DialogProps & { onChanged: () => void }) {
  const [reason, setReason] = useState('');
  const revoke = async () => {
    await mutate(REVOKE, { input: { contactId: contact.id, reason: reason.trim() || null } });
    setReason('');
    const restore = () => restoreAccess(contact).then(onChanged);
    toast({ text: t.contact.revoked(nameOf(contact)), action: { label: t.contact.restore, onSelect: restore } });
    onChanged();
  };
  return (
    <Confirm open={open} onClose={onClose} title={t.contact.revokeTitle(nameOf(contact))} action={t.contact.revoke} danger onConfirm={revoke}>
      <div class="contact-confirm">
        <p>{t.contact.revokeConsequence}</p>
        <TextField label={t.contact.reason} hint={t.contact.reasonHint} optional maxLength={500} value={reason} onInput={setReason} />
      </div>
    </Confirm>
  );
}

export function Delete({ open, contact, onClose }: DialogProps) {
  const remove = async () => {
    await mutate(DELETE, { input: { contactId: contact.id } });
    forgetDraft(`contact.${contact.id}`);
    navigate(link('contacts'));
    toast({ text: t.contact.deleted(nameOf(contact)) });
  };
  return (
    <Confirm open={open} onClose={onClose} title={t.contact.deleteTitle(nameOf(contact))} action={t.contact.delete} danger onConfirm={remove}
      typeToConfirm={contact.email ?? contact.phone ?? nameOf(contact)}>
      <p>{t.contact.deleteConsequence}</p>
    </Confirm>
  );
}
