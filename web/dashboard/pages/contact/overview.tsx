import type { DescriptionItem } from '../../components';
import { Card, DescriptionList, Status, Tag, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import type { Contact } from './contact';
import { localeName } from './fields';
import { Subscription } from './subscription';
import { Timeline } from './timeline';
import { WorkflowRuns } from './workflow_runs';

const INVITATION_TONES = { OPEN: 'busy', EXPIRED: 'warn', ACCEPTED: 'good', CANCELLED: 'none' } as const;

function Invitation({ contact }: { contact: Contact }) {
  const invitation = contact.invitation;
  if (!invitation) return null;
  const { status, expiresAt, lastSentAt, sentCount, section, note } = invitation;
  const items: DescriptionItem[] = [
    { label: t.contact.status, value: <Status tone={INVITATION_TONES[status]}>{t.words.invitationStatus[status]}</Status> },
    { label: t.contact.lastSent, value: <><Time at={lastSentAt} /> <span class="hint">{t.contact.sentTimes(sentCount)}</span></> },
    ...(status === 'OPEN' || status === 'EXPIRED'
      ? [{ label: status === 'OPEN' ? t.contact.expires : t.contact.expired, value: <Time at={expiresAt} /> }]
      : []),
    { label: t.contact.opens, value: t.words.section[section] },
    ...(note ? [{ label: t.contact.note, value: <bdi class="contact-note">{note}</bdi> }] : []),
  ];
  return <Card title={t.contact.invitation}><DescriptionList items={items} /></Card>;
}

const Tags = ({ tags }: { tags: readonly string[] }) => (
  <span class="contact-tags">{tags.map((tag) => <a key={tag} href={link('contacts', { tag })}><Tag>{tag}</Tag></a>)}</span>
);

function Facts({ contact }: { contact: Contact }) {
  const { email, phone, tags, locale, timezone, createdAt, joinedAt, lastSeenAt } = contact;
  const items: DescriptionItem[] = [
    { label: t.contact.joined, value: <Time at={joinedAt} /> },
    { label: t.contact.lastSeen, value: <Time at={lastSeenAt} /> },
    ...(tags.length ? [{ label: t.contact.tags, value: <Tags tags={tags} /> }] : []),
    ...(phone ? [{ label: t.contact.phone, value: phone }] : []),
    ...(locale ? [{ label: t.contact.language, value: localeName(locale) }] : []),
    ...(timezone ? [{ label: t.contact.timezone, value: timezone }] : []),
    ...(email ? [{ label: t.contact.marketing, value: <Subscription contact={contact} /> }] : []),
    { label: t.contact.added, value: <Time at={createdAt} style="date" /> },
  ];
  return (
    <Card title={t.contact.facts} action={<a class="contact-edit" href={link(`contacts/${contact.id}`, { tab: 'details' })}>{t.common.edit}</a>}>
      <DescriptionList items={items} />
    </Card>
  );
}

export const Overview = ({ contact }: { contact: Contact }) => (
  <div class="contact-overview">
    <div class="contact-side">
      <Facts contact={contact} />
      <Invitation contact={contact} />
      <WorkflowRuns contactId={contact.id} />
    </div>
    <Timeline contactId={contact.id} />
  </div>
);
