import type { DescriptionItem } from '../../components';
import { Card, DescriptionList, Status, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
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

export function Details({ message }: { message: Message }) {
  const { contact, invitation, magicLink, template } = message;
  const items: DescriptionItem[] = [
    { label: t.messages.recipient, value: <bdi>{message.address}</bdi> },
    { label: t.messages.contact, value: <Contact message={message} /> },
    { label: t.messages.kind, value: t.words.messageKind[message.kind] },
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
