import type { Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { startAction } from '../../actions';
import { boot, may } from '../../api';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { Avatar, Button, Marked } from '../../components';
import { t } from '../../i18n';
import { RecipientsField } from '../recipients_field';
import { StepButton } from '../step_button';
import { restore } from '../steps';

type ContactFieldProps = { picked: Signal<PickedRecipient[]>; typed: Signal<string>; error: string | undefined };

/** One contact: picked by name or address, then shown with a way to change it. */
export function ContactField({ picked, typed, error }: ContactFieldProps) {
  const contact = picked.value[0];
  return (
    <div class="magic-contact">
      {contact && contact.state !== 'CHECKING'
        ? <Chosen key={contact.key} contact={contact} picked={picked} />
        : <RecipientsField label={t.actions.magic.contact} allowNew={false} value={picked} typed={typed} error={undefined} />}
      {error && <p class="error" role="alert"><Marked text={error} /></p>}
    </div>
  );
}

function Chosen({ contact, picked }: { contact: PickedRecipient; picked: Signal<PickedRecipient[]> }) {
  const change = useRef<HTMLSpanElement>(null);
  const name = contact.name ?? contact.email;
  // The picker that had the focus is gone.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) change.current?.querySelector('button')?.focus();
  }, []);
  return (
    <>
      <span class="picker-label" aria-hidden="true">{t.actions.magic.contact}</span>
      <div class="magic-chosen" role="group" aria-label={t.actions.magic.contact}>
        <Avatar name={name} />
        <p>
          <strong><bdi>{name}</bdi></strong>
          {contact.name && <span class="hint"><bdi>{contact.email}</bdi></span>}
        </p>
        <span ref={change}>
          <Button kind="quiet" size="small" aria-label={t.actions.magic.changeNamed(name)} onClick={() => { picked.value = []; }}>
            {t.actions.magic.change}
          </Button>
        </span>
      </div>
      <Problem contact={contact} picked={picked} />
    </>
  );
}

function Problem({ contact, picked }: { contact: PickedRecipient; picked: Signal<PickedRecipient[]> }) {
  const { magic, step } = t.actions;
  if (contact.state === 'INVALID') return <p class="error" role="alert">{magic.invalid}</p>;
  if (contact.state === 'NEW') {
    return (
      <div class="magic-problem">
        <p class="error" role="alert">{magic.notFound}</p>
        <Button kind="quiet" size="small" onClick={() => startAction('invite', { emails: [contact.email] })}>{magic.invite}</Button>
      </div>
    );
  }
  if (contact.state !== 'REVOKED' || !contact.contactId) return null;
  const ids = [contact.contactId];
  const run = async () => {
    const count = await restore(ids);
    picked.value = [{ ...contact, state: 'CHECKING' }];
    return step.restored(count);
  };
  return (
    <div class="magic-problem">
      <p class="error" role="alert">{magic.revoked}</p>
      <StepButton label={step.restore} run={run} disabledReason={may('CONTACTS') ? undefined : t.common.noRole(t.words.role[boot.role])} />
    </div>
  );
}

/** A link can be emailed to it. */
export const mailable = (contact: PickedRecipient | undefined): contact is PickedRecipient =>
  usable(contact) && contact.email !== '' && contact.state !== 'SUPPRESSED';

/** A link can be made for it. */
export const usable = (contact: PickedRecipient | undefined): contact is PickedRecipient =>
  contact !== undefined && !['CHECKING', 'INVALID', 'NEW', 'REVOKED'].includes(contact.state);
