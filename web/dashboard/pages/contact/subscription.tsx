// Marketing emails: whether the contact gets them, and what staff can do about it.
import { useState } from 'preact/hooks';
import { errorText, graphql, mutate } from '../../api';
import { Button, Confirm, Status, Time, toast } from '../../components';
import { t } from '../../i18n';
import type { Contact } from './contact';
import { nameOf, noRole } from './contact';

const UPDATE = graphql(`
  mutation UpdateSubscription($input: UpdateSubscriptionInput!) {
    updateSubscription(input: $input) { contact { id unsubscribedAt } }
  }
`);

async function put(contactId: string, subscribed: boolean): Promise<void> {
  await mutate(UPDATE, { input: { contactId, subscribed } });
}

const State = ({ contact: { unsubscribedAt } }: { contact: Contact }) => unsubscribedAt
  ? <><Status tone="none">{t.contact.unsubscribed}</Status> <span class="hint"><Time at={unsubscribedAt} /></span></>
  : <Status tone="good">{t.contact.subscribed}</Status>;

function Change({ contact }: { contact: Contact }) {
  const [asking, setAsking] = useState(false);
  const name = nameOf(contact);
  const unsubscribe = async () => {
    try {
      await put(contact.id, false);
      toast({ text: t.contact.wasUnsubscribed(name), undo: () => put(contact.id, true) });
    } catch (error) {
      toast({ text: errorText(error), tone: 'bad' });
    }
  };
  const subscribe = async () => {
    await put(contact.id, true);
    toast({ text: t.contact.wasSubscribed(name) });
  };
  const isOut = contact.unsubscribedAt !== null;
  return (
    <>
      <Button kind="quiet" size="small" disabledReason={noRole('CONTACTS')} onClick={() => (isOut ? setAsking(true) : void unsubscribe())}>
        {isOut ? t.contact.subscribe : t.contact.unsubscribe}
      </Button>
      <Confirm open={asking} onClose={() => setAsking(false)} title={t.contact.subscribeTitle} action={t.contact.subscribe} onConfirm={subscribe}>
        <p>{t.contact.subscribeHint}</p>
      </Confirm>
    </>
  );
}

export const Subscription = ({ contact }: { contact: Contact }) => (
  <span class="contact-subscription">
    <span><State contact={contact} /></span>
    <Change contact={contact} />
  </span>
);
