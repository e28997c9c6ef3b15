// What is composed, as the API takes it, and what is missing before it can be sent.
import { recipientInput } from '../../actions/recipients';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { momentOf } from '../../components/content/zone';
import { contentInput } from '../../components/message_editor/preview';
import { t } from '../../i18n';
import type { SendInput } from './documents';
import type { Values } from './state';

type Selection = SendInput['selection'];

/** The inputs of `sendMessage` that have a field of their own on the page. */
export const FIELDS = ['selection', 'templateId', 'format', 'subject', 'body', 'text', 'marketing', 'sendAt', 'perMinute', 'quietHours'] as const;

export type FieldName = (typeof FIELDS)[number];

export type Errors = Partial<Record<FieldName, string>>;

/** Null while nobody is chosen or the addresses are still checked. */
export function selectionOf({ audience, listId, filter }: Values, recipients: readonly PickedRecipient[]): Selection | null {
  if (audience === 'LIST') return listId ? { smartListId: listId } : null;
  if (audience === 'ALL') return { filter: {} };
  if (audience === 'FILTER') return filter && { filter: filter.value };
  const ready = recipients.length > 0 && recipients.every(({ state }) => state !== 'CHECKING');
  return ready ? recipientInput(recipients) : null;
}

const isMarketing = ({ channel, marketing }: Values): boolean => marketing && channel === 'EMAIL';

const ANYTHING = { EMAIL: { format: 'MARKDOWN', subject: '-', body: '-' }, SMS: { format: 'TEXT', body: '-' } } as const;

/** Who would get it, whatever it says. */
export const audienceInput = (values: Values, selection: Selection): SendInput => ({
  selection, channel: values.channel, ...ANYTHING[values.channel], ...(isMarketing(values) && { marketing: true }),
});

const perMinuteOf = ({ perMinute }: Values): number => (/^\d{1,5}$/.test(perMinute.trim()) ? Number(perMinute) : 0);

export const MOST_PER_MINUTE = 10_000;

export function sendInput(values: Values, selection: Selection, zone: string): SendInput {
  const { channel, source, templateId, content, later, at, paced, quiet, quietFrom, quietTo } = values;
  return {
    selection, channel,
    ...(source === 'TEMPLATE' ? { templateId } : contentInput(channel, content[channel])),
    ...(isMarketing(values) && { marketing: true }),
    ...(later && { sendAt: momentOf(at, zone) }),
    ...(paced && { perMinute: perMinuteOf(values) }),
    ...(quiet && { quietHours: { start: quietFrom, end: quietTo } }),
  };
}

function contentErrors({ source, templateId, channel, content }: Values): Errors {
  if (source === 'TEMPLATE') return templateId ? {} : { templateId: t.compose.chooseTemplate };
  const { subject, body } = content[channel];
  return {
    ...(channel === 'EMAIL' && !subject.trim() && { subject: t.compose.subjectMissing }),
    ...(!body.trim() && { body: t.compose.bodyMissing }),
  };
}

function timeErrors(values: Values, zone: string): Errors {
  const { later, at, paced, quiet, quietFrom, quietTo } = values;
  const moment = momentOf(at, zone);
  const rate = perMinuteOf(values);
  return {
    ...(later && !moment && { sendAt: t.compose.timeMissing }),
    ...(later && moment && Date.parse(moment) < Date.now() - 60_000 && { sendAt: t.compose.timePast }),
    ...(paced && (rate < 1 || rate > MOST_PER_MINUTE) && { perMinute: t.compose.rateWrong(MOST_PER_MINUTE) }),
    ...(quiet && (!quietFrom || !quietTo || quietFrom === quietTo) && { quietHours: t.compose.quietWrong }),
  };
}

/** What is missing or can't be meant; the rest is for the API to say. */
export const errorsOf = (values: Values, selection: Selection | null, zone: string): Errors => ({
  ...(!selection && { selection: t.compose.noRecipients }), ...contentErrors(values), ...timeErrors(values, zone),
});
