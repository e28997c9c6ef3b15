// The last look: to whom, what kind of message, and its subject.
import type { PickedRecipient } from '../../components/contact_picker/picked';
import type { DescriptionItem } from '../../components';
import { DescriptionList } from '../../components';
import { useQuery } from '../../api';
import { t } from '../../i18n';
import { LIST, conditionsOf } from '../smart_list/conditions';
import { conditionTexts, idsOf, useNames } from '../smart_list/words';
import type { SentMessage } from '../job/sent';
import type { Template } from './documents';
import type { Values } from './state';

const NAMED = 3;

const nameOf = ({ name, email }: PickedRecipient): string => name ?? email;

function Chosen({ recipients }: { recipients: readonly PickedRecipient[] }) {
  const shown = recipients.slice(0, NAMED);
  const rest = recipients.length - shown.length;
  return (
    <>
      {shown.map((recipient, index) => <span key={recipient.key}>{index > 0 && ', '}<bdi>{nameOf(recipient)}</bdi></span>)}
      {rest > 0 && ` ${t.compose.andMore(rest)}`}
    </>
  );
}

/** The conditions that choose the recipients. */
function Conditions({ filter }: { filter: Partial<Record<string, unknown>> }) {
  const conditions = conditionsOf(filter);
  const texts = conditionTexts(conditions, useNames(idsOf(conditions)));
  return <ul class="compose-conditions">{texts.map((text) => <li key={text} dir="auto">{text}</li>)}</ul>;
}

function List({ id }: { id: string }) {
  const list = useQuery(LIST, { id }).data?.smartList;
  return (
    <>
      <strong><bdi>{list ? list.name : t.common.loading}</bdi></strong>
      {list && <Conditions filter={list.filter} />}
    </>
  );
}

function Audience({ values: { audience, listId, filter }, recipients }: { values: Values; recipients: readonly PickedRecipient[] }) {
  switch (audience) {
    case 'CONTACTS': return <Chosen recipients={recipients} />;
    case 'LIST': return <List id={listId} />;
    case 'FILTER': return <Conditions filter={filter?.value ?? {}} />;
    case 'ALL': return <>{t.compose.audience.ALL}</>;
  }
}

type FactsProps = { values: Values; recipients: readonly PickedRecipient[]; template: Template | undefined };

/** What is sent: its kind, and the subject of an email or a text message's words. */
export function messageOf({ channel, marketing, source, content }: Values, template: Template | undefined): SentMessage {
  const { subject, body } = source === 'TEMPLATE' ? { subject: template?.subject ?? '', body: template?.body ?? '' } : content[channel];
  const isEmail = channel === 'EMAIL';
  return { kind: isEmail && marketing ? 'MARKETING' : channel, words: isEmail ? subject : body, template: template?.name ?? null };
}

export function Facts({ values, recipients, template }: FactsProps) {
  const { kind, words } = messageOf(values, template);
  const items: DescriptionItem[] = [
    { label: t.compose.to, value: <Audience values={values} recipients={recipients} /> },
    { label: t.compose.kind, value: t.compose.kindOf[kind] },
    ...(template ? [{ label: t.templates.template, value: <bdi>{template.name}</bdi> }] : []),
    kind === 'SMS'
      ? { label: t.messageEditor.smsBody, value: <span class="compose-text" dir="auto">{words}</span> }
      : { label: t.messageEditor.subject, value: <bdi>{words}</bdi> },
  ];
  return <DescriptionList items={items} />;
}
