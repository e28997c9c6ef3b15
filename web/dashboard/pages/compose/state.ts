// What is composed, kept in the tab until it is sent.
import type { Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Start } from '../../actions';
import { messageStart } from '../../actions';
import { started, useRecipients } from '../../actions/recipients';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import type { Channel, Content } from '../../components/message_editor/documents';
import { EMPTY } from '../../components/message_editor/documents';
import { forgetDraft, useDraft } from '../../draft';
import { params, setParams } from '../../router';
import type { Filter } from './documents';

export type Audience = 'CONTACTS' | 'LIST' | 'FILTER' | 'ALL';

export type Values = {
  audience: Audience;
  listId: string;
  /** All that match, and how many did when the page was opened. */
  filter: { value: Filter; count: number } | null;
  channel: Channel;
  source: 'WRITTEN' | 'TEMPLATE';
  templateId: string;
  /** Each channel keeps its own, so that trying the other one loses nothing. */
  content: Record<Channel, Content>;
  marketing: boolean;
  later: boolean;
  /** As a clock in the account's zone shows it: `2026-12-31T18:30`. */
  at: string;
  paced: boolean;
  perMinute: string;
  quiet: boolean;
  quietFrom: string;
  quietTo: string;
};

const NOTHING: Values = {
  audience: 'CONTACTS', listId: '', filter: null, channel: 'EMAIL', source: 'WRITTEN', templateId: '', content: EMPTY, marketing: false,
  later: false, at: '', paced: false, perMinute: '60', quiet: false, quietFrom: '21:00', quietTo: '08:00',
};

export type Composing = {
  values: Values;
  set: (changes: Partial<Values>) => void;
  recipients: Signal<PickedRecipient[]>;
  /** What is typed in the picker and no recipient yet. */
  typed: Signal<string>;
  dirty: boolean;
  startOver: () => void;
};

function audienceOf({ filter }: Start): Partial<Values> {
  if (!filter) return { audience: 'CONTACTS' };
  if (filter.smartListId) return { audience: 'LIST', listId: filter.smartListId };
  if (!Object.keys(filter.value).length) return { audience: 'ALL' };
  return { audience: 'FILTER', filter: { value: filter.value, count: filter.count } };
}

/** What a link to the page names: ids, and nothing that was typed. */
function linked(search: URLSearchParams): Partial<Values> {
  const [list, template] = [search.get('list'), search.get('template')];
  return {
    ...(list && { audience: 'LIST', listId: list }),
    ...(template && { source: 'TEMPLATE', templateId: template, channel: search.get('channel') === 'SMS' ? 'SMS' : 'EMAIL' }),
  };
}

const DRAFT = 'compose';

export function useComposing(): Composing {
  const draft = useDraft<Values>(DRAFT, NOTHING);
  const recipients = useRecipients(DRAFT, {});
  const typed = useDraft(`${DRAFT}.typed`, '');
  const set = (changes: Partial<Values>) => {
    draft.value = { ...draft.peek(), ...changes };
  };
  useMemo(() => {
    const start = messageStart.peek();
    if (start) {
      recipients.value = started(start);
      typed.value = '';
      messageStart.value = null;
    }
    const changes = { ...(start && audienceOf(start)), ...linked(params.peek()) };
    if (Object.keys(changes).length) set(changes);
  }, []);
  // The draft has it now: a reload doesn't choose it again.
  useEffect(() => setParams({ list: undefined, template: undefined, channel: undefined }), []);
  const startOver = () => {
    draft.value = NOTHING;
    recipients.value = [];
    typed.value = '';
    for (const name of [DRAFT, `${DRAFT}.recipients`, `${DRAFT}.typed`]) forgetDraft(name);
  };
  const dirty = recipients.value.length > 0 || JSON.stringify(draft.value) !== JSON.stringify(NOTHING);
  return { values: draft.value, set, recipients, typed, dirty, startOver };
}
