// The recipients of an action: what the picker holds, what the dialog started with, and what the API takes.
import type { Signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Start } from '../actions';
import type { PickedRecipient } from '../components/contact_picker/picked';
import { useDraft } from '../draft';

/** The server's limits: recipients in a request, and bytes of one (2 MiB, with room for the rest of the input). */
const MAX_RECIPIENTS = 20_000;
const MAX_BYTES = 1_900_000;

export type RecipientInput = { contactIds?: string[]; emails?: string[] };

const encoder = new TextEncoder();

const address = ({ email, name }: PickedRecipient): string =>
  name ? `"${name.replace(/["\\]/g, '\\$&')}" <${email}>` : email;

const entry = (recipient: PickedRecipient): string => recipient.contactId ?? address(recipient);

export function recipientInput(recipients: readonly PickedRecipient[]): RecipientInput {
  const contactIds = recipients.flatMap(({ contactId }) => contactId ?? []);
  const emails = recipients.filter(({ contactId }) => !contactId).map(address);
  return { ...(contactIds.length && { contactIds }), ...(emails.length && { emails }) };
}

/** Recipients in portions that the server takes in one request. */
export function portions(recipients: readonly PickedRecipient[]): PickedRecipient[][] {
  const all: PickedRecipient[][] = [];
  let bytes = Infinity;
  for (const recipient of recipients) {
    const size = encoder.encode(JSON.stringify(entry(recipient))).length + 1;
    if (bytes + size > MAX_BYTES || (all[all.length - 1]?.length ?? 0) >= MAX_RECIPIENTS) {
      all.push([]);
      bytes = 0;
    }
    all[all.length - 1]?.push(recipient);
    bytes += size;
  }
  return all;
}

/** Recipients that an action starts with. */
export const started = ({ contacts = [], emails = [] }: Start): PickedRecipient[] => [
  ...contacts.map(({ id, email, name }): PickedRecipient => ({
    // Without an address there is nothing to check.
    key: id, email, contactId: id, state: email ? 'CHECKING' : 'NOT_INVITED', ...(name && { name }),
  })),
  ...fromEmails(emails, 'CHECKING'),
];

let made = 0;

export const fromEmails = (emails: readonly string[], state: PickedRecipient['state']): PickedRecipient[] =>
  emails.map((email) => ({ key: `given-${(made += 1)}`, email, state }));

export function without(recipients: readonly PickedRecipient[], gone: readonly PickedRecipient[]): PickedRecipient[] {
  const keys = new Set(gone.map(({ key }) => key));
  return recipients.filter(({ key }) => !keys.has(key));
}

const hash = (text: string): string =>
  encoder.encode(text).reduce((sum, byte) => (sum * 33 + byte) >>> 0, 5381).toString(36);

/** A dialog that starts with contacts has a draft of its own, so that it never brings those of another. */
export const draftName = (action: string, start: Start): string =>
  Object.keys(start).length ? `${action}.${hash(JSON.stringify(start))}` : action;

/** The picked recipients, restored from the draft. Their keys are made anew: the picker counts from 1 after a reload. */
export function useRecipients(draft: string, start: Start): Signal<PickedRecipient[]> {
  const recipients = useDraft<PickedRecipient[]>(`${draft}.recipients`, started(start));
  useMemo(() => {
    recipients.value = recipients.peek().map((recipient) => ({ ...recipient, key: `given-${(made += 1)}` }));
  }, [recipients]);
  return recipients;
}
