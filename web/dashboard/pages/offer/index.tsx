import { startAction } from '../../actions';
import { useQuery, useRefreshOn, useRefreshOnReturn } from '../../api';
import { Button, ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton, Tabs } from '../../components';
import { ContentStatusPill, StatusActions, noGranting } from '../../components/content/status';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { Contents } from './contents';
import type { Offer } from './documents';
import { OFFER, setStatus } from './documents';
import { Holders } from './holders';
import { Terms } from './terms';

const TABS = ['contents', 'terms', 'holders'] as const;

type Tab = (typeof TABS)[number];

function Panel({ tab, offer }: { tab: Tab; offer: Offer }) {
  switch (tab) {
    case 'contents': return <Contents offer={offer} />;
    case 'terms': return <Terms offer={offer} />;
    case 'holders': return <Holders offer={offer} />;
  }
}

const back = () => ({ href: link('offers'), label: t.shell.offers });

const GrantButton = ({ offer: { id, status } }: { offer: Offer }) => (
  <Button kind={status === 'PUBLISHED' ? 'primary' : 'quiet'} icon="offer" disabledReason={noGranting() ?? (status === 'PUBLISHED' ? undefined : t.offers.publishFirst)}
    onClick={() => startAction('GRANT_OFFER', { offerId: id })}>{t.access.dialog.GRANT_OFFER.title}</Button>
);

export default function OfferPage({ id }: { id: string }) {
  const { data, error, reload } = useQuery(OFFER, { id });
  useRefreshOn(['OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED'], reload);
  useRefreshOnReturn(reload);
  const tab = TABS.find((name) => name === params.value.get('tab')) ?? 'contents';
  const offer = data?.offer;
  if (!offer) {
    return (
      <>
        <PageHeader title={data ? t.common.notFound : t.offers.offer} back={back()} />
        {data && (
          <Empty icon="offer" title={t.offers.missing}>
            <p>{t.common.notFoundHint}</p>
            <ButtonLink kind="quiet" href={link('offers')}>{t.shell.offers}</ButtonLink>
          </Empty>
        )}
        {!data && (error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />)}
      </>
    );
  }
  const empty = offer.courses.length + offer.communities.length === 0;
  return (
    <>
      <PageHeader title={offer.title} back={back()} description={<ContentStatusPill status={offer.status} />}>
        <GrantButton offer={offer} />
        <StatusActions status={offer.status} title={offer.title} consequence={(to) => (to === 'ARCHIVED' ? t.offers.archiveConsequence : null)} unready={empty ? t.offers.emptyFirst : undefined}
          onChange={(status) => setStatus(offer.id, status)} />
      </PageHeader>
      <Tabs label={t.offers.offer} current={tab} onChange={(name) => setParams({ tab: name === 'contents' ? undefined : name })}
        tabs={TABS.map((name) => ({ id: name, label: t.offers.tabs[name], ...(name === 'holders' && offer.holders && { count: offer.holders.totalCount }) }))} />
      <div role="tabpanel" aria-label={t.offers.tabs[tab]}><Panel tab={tab} offer={offer} /></div>
    </>
  );
}
