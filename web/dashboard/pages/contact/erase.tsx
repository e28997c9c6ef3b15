import { graphql, mutate } from '../../api';
import { Confirm, toast } from '../../components';
import { forgetDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Contact } from './contact';
import { nameOf } from './contact';

const ERASE = graphql(`
  mutation EraseContact($input: EraseContactInput!) {
    eraseContact(input: $input) { erasedContactId }
  }
`);

/** Unlike deleting, it leaves nothing personal in logs and figures either. */
export function Erase({ open, contact, onClose }: { open: boolean; contact: Contact; onClose: () => void }) {
  const erase = async () => {
    await mutate(ERASE, { input: { contactId: contact.id, confirmEmail: contact.email } });
    forgetDraft(`contact.${contact.id}`);
    navigate(link('contacts'));
    // Nothing that names the person stays, not even here.
    toast({ text: t.contact.erased });
  };
  return (
    <Confirm open={open} onClose={onClose} title={t.contact.eraseTitle(nameOf(contact))} action={t.contact.eraseAction} danger onConfirm={erase}
      typeToConfirm={contact.email ?? contact.phone ?? nameOf(contact)}>
      <div class="contact-confirm">
        <p>{t.contact.eraseMeaning}</p>
        <ul class="contact-consequences">{t.contact.eraseConsequences.map((line) => <li key={line}>{line}</li>)}</ul>
      </div>
    </Confirm>
  );
}
