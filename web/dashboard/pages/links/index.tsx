import { CustomMenuLinks } from '../../actions/custom_menu';
import { startAction } from '../../actions';
import { boot, may, useQuery } from '../../api';
import { Button, Card, PageHeader, Tabs, Tag } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { CONTACT } from './documents';
import type { LinkStatus } from './list';
import { LinkList } from './list';

const STATUSES: readonly LinkStatus[] = ['LIVE', 'USED', 'EXPIRED', 'SUPERSEDED', 'REVOKED'];

type Tab = LinkStatus | 'MENU';

const currentTab = (): Tab => {
  const given = params.value.get('tab');
  return given === 'MENU' ? given : STATUSES.find((status) => status === given) ?? 'LIVE';
};

export default function Links() {
  const tab = currentTab();
  const contactId = params.value.get('contact') ?? undefined;
  const tabs = [
    ...STATUSES.map((status): { id: Tab; label: string } => ({ id: status, label: t.words.linkStatus[status] })),
    { id: 'MENU' as const, label: t.actions.magic.tabMenu },
  ];
  return (
    <>
      <PageHeader title={t.links.title} description={t.links.description}>
        <Button icon="link" onClick={() => startAction('magic_link')}
          disabledReason={may('LINKS') ? undefined : t.common.noRole(t.words.role[boot.role])}>
          {t.links.generate}
        </Button>
      </PageHeader>
      <Tabs label={t.links.tabs} tabs={tabs} current={tab} onChange={(id) => setParams({ tab: id === 'LIVE' ? undefined : id })} />
      <div class="links-panel" role="tabpanel" aria-label={tabs.find(({ id }) => id === tab)?.label}>
        {tab === 'MENU' ? <Card><CustomMenuLinks /></Card> : (
          <>
            {contactId && <OnlyContact id={contactId} />}
            <LinkList key={tab} status={tab} contactId={contactId} />
          </>
        )}
      </div>
    </>
  );
}

/** The list shows the links of one contact; removing the tag shows all. */
function OnlyContact({ id }: { id: string }) {
  const contact = useQuery(CONTACT, { id }).data?.contact;
  return <p class="links-only">{t.links.only} <Tag onRemove={() => setParams({ contact: undefined })}>{contact?.name ?? contact?.email ?? t.common.aContact}</Tag></p>;
}
