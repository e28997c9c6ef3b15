import { useEffect } from 'preact/hooks';
import { useQuery } from '../../api';
import { Avatar, ButtonLink, Empty, ErrorNotice, IconButton, PageHeader, Skeleton, Tabs, toast } from '../../components';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { PortalStatusPill } from '../contacts/columns';
import { Actions } from './actions';
import { Banners } from './banners';
import type { Contact } from './contact';
import { CONTACT, nameOf } from './contact';
import { Details } from './details';
import { Access } from './grants';
import { Links } from './links';
import { useContactActivity } from './live';
import { Messages } from './messages';
import { Overview } from './overview';
import { Report, WhyButton } from './report';
import { Sessions } from './sessions';

const TABS = ['overview', 'access', 'messages', 'links', 'sessions', 'details'] as const;

type Tab = (typeof TABS)[number];

function copyAddress(address: string): void {
  navigator.clipboard.writeText(address).then(
    () => toast({ text: t.components.copied }),
    () => toast({ text: t.components.copyFailed, tone: 'bad' }),
  );
}

const Line = ({ contact }: { contact: Contact }) => (
  <span class="contact-line">
    <Avatar name={nameOf(contact)} />
    {contact.email && (
      <span class="contact-address">
        <bdi>{contact.email}</bdi>
        <IconButton icon="copy" label={t.components.copyNamed(t.contact.email)} onClick={() => copyAddress(contact.email ?? '')} />
      </span>
    )}
    <PortalStatusPill status={contact.portalStatus} />
    <WhyButton />
  </span>
);

function Panel({ tab, contact, onChanged }: { tab: Tab; contact: Contact; onChanged: () => void }) {
  switch (tab) {
    case 'overview': return <Overview contact={contact} />;
    case 'access': return <Access contact={contact} />;
    case 'messages': return <Messages contactId={contact.id} />;
    case 'links': return <Links contactId={contact.id} />;
    case 'sessions': return <Sessions contactId={contact.id} />;
    case 'details': return <Details contactId={contact.id} onSaved={onChanged} />;
  }
}

const back = () => ({ href: link('contacts'), label: t.shell.contacts });

const Missing = () => (
  <>
    <PageHeader title={t.common.notFound} back={back()} />
    <Empty icon="user" title={t.contact.missing}>
      <p>{t.common.notFoundHint}</p>
      <ButtonLink kind="quiet" href={link('contacts')}>{t.contact.allContacts}</ButtonLink>
    </Empty>
  </>
);

export default function ContactPage({ id }: { id: string }) {
  const { data, error, reload } = useQuery(CONTACT, { id });
  useContactActivity(id, reload);
  const tab = TABS.find((name) => name === params.value.get('tab')) ?? 'overview';
  // On a phone the tabs are scrolled.
  useEffect(() => document.querySelector('.contact [role="tab"][aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [tab, !data]);
  if (error && !data) return <><PageHeader title={t.common.aContact} back={back()} /><ErrorNotice error={error} retry={reload} /></>;
  if (!data) return <><PageHeader title={t.common.aContact} back={back()} /><Skeleton rows={6} /></>;
  const contact = data.contact;
  if (!contact) return <Missing />;
  return (
    <div class="contact">
      <PageHeader title={nameOf(contact)} back={back()} description={<Line contact={contact} />}>
        <Actions contact={contact} onChanged={reload} />
      </PageHeader>
      <Banners contact={contact} onChanged={reload} />
      <Report contact={contact} onChanged={reload} />
      <Tabs label={t.contact.tabList} current={tab} tabs={TABS.map((name) => ({ id: name, label: t.contact.tabs[name] }))}
        onChange={(name) => setParams({ tab: name === 'overview' ? undefined : name })} />
      <div role="tabpanel" aria-label={t.contact.tabs[tab]} class="contact-panel">
        <Panel tab={tab} contact={contact} onChanged={reload} />
      </div>
    </div>
  );
}
