// Recipients to look at the message as, one after the other.
import { useState } from 'preact/hooks';
import { useQuery } from '../../api';
import { IconButton } from '../../components';
import { t } from '../../i18n';
import { nameOf } from '../contact/contact';
import { IN_LIST, MATCHING } from './documents';
import type { Composing } from './state';

type Recipient = { id: string; name: string | null; email: string | null; phone: string | null };

/** The first recipients. Those without an address of the channel don't get it. */
export function useSample({ values, recipients }: Composing): Recipient[] {
  const { audience, listId, filter, channel } = values;
  const list = useQuery(IN_LIST, { id: listId }, { pause: audience !== 'LIST' || !listId });
  const matching = useQuery(MATCHING, { filter: audience === 'FILTER' ? (filter?.value ?? {}) : {} }, { pause: audience !== 'ALL' && (audience !== 'FILTER' || !filter) });
  if (audience === 'CONTACTS') {
    return recipients.value.flatMap(({ contactId, name = null, email }) => (contactId ? [{ id: contactId, name, email, phone: null }] : []));
  }
  const found = audience === 'LIST' ? list.data?.smartList?.contacts?.nodes : matching.data?.contacts.nodes;
  return (found ?? []).filter(({ email, phone }) => (channel === 'EMAIL' ? email : phone));
}

export type Stepping = { current: Recipient | undefined; at: number; count: number; go: (at: number) => void };

export function useStepping(sample: readonly Recipient[]): Stepping {
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, Math.max(0, sample.length - 1));
  return { current: sample[at], at, count: sample.length, go: setChosen };
}

export function Stepper({ current, at, count, go }: Stepping) {
  if (!current) return <span class="hint">{t.messageEditor.examples}</span>;
  return (
    <div class="compose-stepper" role="group" aria-label={t.messageEditor.reader}>
      <IconButton icon="chevron-left" label={t.compose.previous} aria-disabled={at === 0 || undefined} onClick={() => at > 0 && go(at - 1)} />
      <span role="status"><bdi>{nameOf(current)}</bdi> <span class="hint">{t.compose.position(at + 1, count)}</span></span>
      <IconButton icon="chevron-right" label={t.compose.next} aria-disabled={at === count - 1 || undefined} onClick={() => at < count - 1 && go(at + 1)} />
    </div>
  );
}
