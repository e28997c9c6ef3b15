import { may } from '../../api';
import type { DescriptionItem } from '../../components';
import { Card, DescriptionList, Status, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { isWorkflow } from '../workflows/makers';
import type { Message } from './message';

const Contact = ({ message: { channel, contact, address } }: { message: Message }) => {
  if (!contact) return <span class="hint">{t.messages.deletedContact}</span>;
  const isSms = channel === 'SMS';
  const now = isSms ? contact.phone : contact.email;
  const changed = now?.toLowerCase() !== address.toLowerCase();
  return (
    <>
      <a href={link(`contacts/${contact.id}`)}><bdi>{contact.name ?? contact.email ?? contact.phone ?? t.common.aContact}</bdi></a>
      {changed && (
        <span class="message-note hint">
          {now
            ? <>{isSms ? t.messages.numberNow : t.messages.addressNow} <bdi>{now}</bdi></>
            : isSms ? t.messages.noNumberNow : t.messages.noAddressNow}
        </span>
      )}
    </>
  );
};

/** A state and the time that goes with it. */
const State = ({ href, tone, state, expiresAt }: { href: string | null; tone: 'good' | 'none'; state: string; expiresAt: string | null }) => (
  <>
    <Status tone={tone}>{href ? <a href={href}>{state}</a> : state}</Status>
    {expiresAt && <span class="message-note hint">{t.messages.expires} <Time at={expiresAt} /></span>}
  </>
);

/** Who may read workflows finds the one that sent it. */
const Kind = ({ message: { createdBy }, kind }: { message: Message; kind: string }) =>
  isWorkflow(createdBy) && may('ADMIN') ? <a href={link(`workflows/${createdBy}`)}><bdi>{kind}</bdi></a> : <bdi>{kind}</bdi>;

export function Details({ message, kind }: { message: Message; kind: string }) {
  const { contact, invitation, magicLink, template } = message;
  const items: DescriptionItem[] = [
    { label: t.messages.recipient, value: <bdi>{message.address}</bdi> },
    { label: t.messages.contact, value: <Contact message={message} /> },
    { label: t.messages.kind, value: <Kind message={message} kind={kind} /> },
    { label: t.messages.channel, value: t.words.channel[message.channel] },
  ];
  if (template) items.push({ label: t.templates.template, value: <a href={link(`templates/${template.id}`)}><bdi>{template.name}</bdi></a> });
  if (invitation) {
    const { status, expiresAt } = invitation;
    items.push({
      label: t.messages.invitation,
      value: <State href={contact && link(`contacts/${contact.id}`)} tone={status === 'OPEN' ? 'good' : 'none'}
        state={t.words.invitationStatus[status]} expiresAt={status === 'OPEN' ? expiresAt : null} />,
    });
  }
  if (magicLink) {
    const { status, expiresAt } = magicLink;
    items.push({
      label: t.messages.magicLink,
      value: <State href={contact && link(`contacts/${contact.id}`, { tab: 'links' })} tone={status === 'LIVE' ? 'good' : 'none'}
        state={t.words.linkStatus[status]} expiresAt={status === 'LIVE' ? expiresAt : null} />,
    });
  }
  return <Card title={t.messages.about}><DescriptionList items={items} /></Card>;
}
