import { useState } from 'preact/hooks';
import { startAction } from '../../actions';
import type { ResultOf } from '../../api';
import { graphql, may, mutate } from '../../api';
import { Button, Dialog, ErrorNotice, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { Errors, Values } from '../contact/fields';
import { ContactFields, EMPTY, fieldErrors, inputOf, without } from '../contact/fields';
import { nameOf } from '../contact/contact';

const CREATE = graphql(`
  mutation CreateContact($input: CreateContactInput!) {
    createContact(input: $input) { contact { id name email phone } }
  }
`);

type Created = NonNullable<ResultOf<typeof CREATE>['createContact']>['contact'];

const DRAFT = 'contact.new';

function announce(contact: Created): void {
  const { id, email, name } = contact;
  const invite = { label: t.contacts.invite, onSelect: () => startAction('invite', { contacts: [{ id, email: email ?? '', name }] }) };
  toast({ text: t.contacts.created(nameOf(contact)), ...(email && may('INVITE') && { action: invite }) });
}

const isEmpty = (values: Values): boolean => JSON.stringify(values) === JSON.stringify(EMPTY);

type NewContactProps = { suggestions: readonly string[]; onClose: () => void; onCreated: () => void };

export function NewContact({ suggestions, onClose, onCreated }: NewContactProps) {
  const values = useDraft<Values>(DRAFT, EMPTY);
  const [errors, setErrors] = useState<Errors>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const create = async () => {
    if (busy) return;
    if (!values.value.email.trim() && !values.value.phone.trim()) return setErrors({ email: t.contacts.emailOrPhone });
    setBusy(true);
    setError(undefined);
    try {
      const { createContact } = await mutate(CREATE, { input: inputOf(values.value) });
      forgetDraft(DRAFT);
      onClose();
      onCreated();
      if (createContact) announce(createContact.contact);
    } catch (failure) {
      const found = fieldErrors(failure);
      setErrors(found ?? {});
      if (!found) setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t.contacts.newContact} dirty={!isEmpty(values.value)} form={{ onSubmit: create }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.contacts.create}</Button>
      </>
    }>
      <ContactFields values={values} errors={errors} suggestions={suggestions} onEdit={(name) => setErrors((old) => without(old, name))} />
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
