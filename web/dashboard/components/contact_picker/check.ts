// What the server knows about each picked address.
import type { Signal } from '@preact/signals';
import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { query } from '../../api/client';
import { graphql } from '../../api/graphql';
import type { PickedRecipient } from './picked';

const BATCH = 500;

const CHECK = graphql(`
  query CheckRecipients($emails: [String!]!) {
    checkRecipients(emails: $emails) { email name state contact { id name email } }
  }
`);

async function checkBatch(batch: readonly PickedRecipient[]): Promise<Map<string, PickedRecipient>> {
  const { checkRecipients } = await query(CHECK, { emails: batch.map(({ email }) => email) });
  const byEmail = new Map(checkRecipients.map((check) => [check.email.toLowerCase(), check]));
  const inOrder = checkRecipients.length === batch.length;
  return new Map(batch.map((one, index) => {
    const check = inOrder ? checkRecipients[index] : byEmail.get(one.email.toLowerCase());
    if (!check) return [one.key, { ...one, state: 'INVALID' }];
    const name = one.name ?? check.contact?.name ?? check.name;
    return [one.key, {
      key: one.key, email: check.email || one.email, state: check.state,
      ...(name && { name }), ...(check.contact && { contactId: check.contact.id }),
    }];
  }));
}

/** Checks what is `CHECKING`, batch by batch. After a failure `retry` goes on. */
export function useChecks(value: Signal<PickedRecipient[]>): { failed: boolean; retry: () => void } {
  const failed = useSignal(false);
  const running = useRef(false);

  const run = async () => {
    if (running.current) return;
    running.current = true;
    failed.value = false;
    try {
      for (;;) {
        const batch = value.peek().filter(({ state }) => state === 'CHECKING').slice(0, BATCH);
        if (batch.length === 0) break;
        const checked = await checkBatch(batch);
        value.value = value.peek().map((one) => (one.state === 'CHECKING' ? (checked.get(one.key) ?? one) : one));
      }
    } catch {
      failed.value = true;
    } finally {
      running.current = false;
    }
  };
  useSignalEffect(() => {
    if (value.value.some(({ state }) => state === 'CHECKING')) queueMicrotask(() => void run());
  });
  return { failed: failed.value, retry: () => void run() };
}
