// A menu item of the account that opens in a frame. The page's policy names the hosts that may be framed.
import { useQuery } from '../../api';
import { ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton } from '../../components';
import { t } from '../../i18n';
import { OWN_ITEMS } from '../../shell/own_items';

const ALLOWED = 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads';

export default function FramedItemPage({ id }: { id: string }) {
  const { data, error, loading, reload } = useQuery(OWN_ITEMS, {});
  const item = data?.menuItems.find((one) => one.id === id && one.opensIn === 'FRAME');
  if (!item?.url) {
    return (
      <>
        <PageHeader title={t.shell.ownItems} />
        {loading && <Skeleton rows={6} />}
        {error && <ErrorNotice error={error} retry={reload} />}
        {!loading && !error && <Empty icon="menu" title={t.common.notFound}><p>{t.common.notFoundHint}</p></Empty>}
      </>
    );
  }
  return (
    <>
      <PageHeader title={item.title}>
        <ButtonLink kind="quiet" href={item.url} target="_blank" rel="noopener noreferrer">{t.shell.openInNewTab}</ButtonLink>
      </PageHeader>
      <iframe class="framed" src={item.url} title={item.title} allow="fullscreen" referrerpolicy="strict-origin-when-cross-origin" sandbox={ALLOWED} />
    </>
  );
}
