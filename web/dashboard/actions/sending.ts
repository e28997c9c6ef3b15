// Sends to recipients or to all that match a filter: first as a dry run, then for real, in as many requests as it takes.
import { useState } from 'preact/hooks';
import type { Start } from '../actions';
import type { VariablesOf } from '../api';
import type { PickedRecipient } from '../components/contact_picker/picked';
import type { DryRun } from './dry_run';
import { useDryRun } from './dry_run';
import type { INVITE } from './invite/request';
import type { Outcome, Payload } from './outcome';
import { addPayload, NOTHING } from './outcome';
import type { RecipientInput } from './recipients';
import { portions, recipientInput } from './recipients';

export type Filter = NonNullable<VariablesOf<typeof INVITE>['input']['filter']>;

/** All that match a filter, or all of a smart list. */
type Everyone = { filter: Filter } | { smartListId: string };

export type Target = { recipients: readonly PickedRecipient[] } | Everyone;

/** Whom the dialog was started with, unless they are picked in it. */
export const everyoneOf = ({ filter }: Start): Everyone | undefined =>
  filter && (filter.smartListId ? { smartListId: filter.smartListId } : { filter: filter.value });

export type Request = (who: RecipientInput & { filter?: Filter; smartListId?: string }, dryRun: boolean) => Promise<Payload>;

export type Sending = {
  dryRun: DryRun;
  busy: boolean;
  error: unknown;
  /** What an attempt did before it failed. */
  partial: Outcome;
  outcome: Outcome | undefined;
  submit: () => Promise<void>;
  /** Back to the form. */
  again: () => void;
};

const isEmpty = (target: Target): boolean => 'recipients' in target && target.recipients.length === 0;

const isReady = (target: Target): boolean =>
  !isEmpty(target) && !('recipients' in target && target.recipients.some(({ state }) => state === 'CHECKING'));

async function sendAll(target: Target, dryRun: boolean, request: Request, onPortion?: (portion: PickedRecipient[], payload: Payload) => void) {
  if (!('recipients' in target)) return addPayload(NOTHING, await request(target, dryRun));
  let outcome = NOTHING;
  for (const portion of portions(target.recipients)) {
    const payload = await request(recipientInput(portion), dryRun);
    outcome = addPayload(outcome, payload);
    onPortion?.(portion, payload);
  }
  return outcome;
}

/** `target` is a new object whenever it changed. `onPortion` takes recipients out of the form once they are sent to. */
export function useSending(target: Target, request: Request, onPortion: (portion: PickedRecipient[]) => void): Sending {
  const [state, setState] = useState<{ busy: boolean; error?: unknown; partial: Outcome; outcome?: Outcome }>({ busy: false, partial: NOTHING });
  const dryRun = useDryRun(!state.busy && !state.outcome && isReady(target) ? target : null, (input) => sendAll(input, true, request));
  const { partial } = state;

  const submit = async () => {
    if (state.busy || isEmpty(target)) return;
    const nothingToSend = dryRun.outcome?.count === 0 && partial === NOTHING;
    if (nothingToSend) return setState({ busy: false, partial, outcome: dryRun.outcome });
    setState({ busy: true, partial });
    let done = partial;
    try {
      const outcome = await sendAll(target, false, request, (portion, payload) => {
        done = addPayload(done, payload);
        onPortion(portion);
      });
      setState({ busy: false, partial: NOTHING, outcome: partial === NOTHING ? outcome : done });
    } catch (error) {
      setState({ busy: false, error, partial: done });
    }
  };
  return {
    ...state, error: state.error ?? dryRun.error, outcome: state.outcome, dryRun, submit,
    again: () => setState({ busy: false, partial: NOTHING }),
  };
}
