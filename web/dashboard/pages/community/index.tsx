import { useQuery, useRefreshOnReturn } from '../../api';
import { ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton, Tabs } from '../../components';
import { ContentStatusPill, StatusActions } from '../../components/content/status';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { Announcements } from './announcements';
import { Details } from './details';
import type { Community } from './documents';
import { COMMUNITY, setStatus } from './documents';
import { Members } from './members';

const TABS = ['announcements', 'members', 'details'] as const;

type Tab = (typeof TABS)[number];

function Panel({ tab, community }: { tab: Tab; community: Community }) {
  switch (tab) {
    case 'announcements': return <Announcements community={community} />;
    case 'members': return <Members community={community} />;
    case 'details': return <Details community={community} />;
  }
}

const back = () => ({ href: link('communities'), label: t.shell.communities });

export default function CommunityPage({ id }: { id: string }) {
  const { data, error, reload } = useQuery(COMMUNITY, { id });
  useRefreshOnReturn(reload);
  const tab = TABS.find((name) => name === params.value.get('tab')) ?? 'announcements';
  const community = data?.community;
  if (!community) {
    return (
      <>
        <PageHeader title={data ? t.common.notFound : t.communities.community} back={back()} />
        {data && (
          <Empty icon="community" title={t.communities.missing}>
            <p>{t.common.notFoundHint}</p>
            <ButtonLink kind="quiet" href={link('communities')}>{t.shell.communities}</ButtonLink>
          </Empty>
        )}
        {!data && (error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />)}
      </>
    );
  }
  return (
    <>
      <PageHeader title={community.name} back={back()} description={<ContentStatusPill status={community.status} />}>
        {community.joinUrl && (
          <ButtonLink kind="quiet" icon="external" href={community.joinUrl} target="_blank" rel="noopener noreferrer">{t.communities.visit}</ButtonLink>
        )}
        <StatusActions status={community.status} title={community.name} consequence={(to) => (to === 'ARCHIVED' ? t.communities.archiveConsequence : null)}
          onChange={(status) => setStatus(community.id, status)} />
      </PageHeader>
      <Tabs label={t.communities.community} current={tab} tabs={TABS.map((name) => ({ id: name, label: t.communities.tabs[name] }))}
        onChange={(name) => setParams({ tab: name === 'announcements' ? undefined : name })} />
      <div role="tabpanel" aria-label={t.communities.tabs[tab]}><Panel tab={tab} community={community} /></div>
    </>
  );
}
