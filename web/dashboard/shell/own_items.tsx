// The account's own items in the navigation. Pages of other hosts can't be framed here: what opens in a frame opens in a new tab.
import type { ResultOf } from '../api';
import { boot, graphql, useQuery, useRefreshOnReturn } from '../api';
import { Icon, MenuIconView } from '../components';
import { t } from '../i18n';

const OWN = graphql(`
  query OwnMenuItems {
    menuItems(audience: DASHBOARD, visibleToMe: true) { id title icon section url opensIn position }
  }
`);

type Item = ResultOf<typeof OWN>['menuItems'][number];

/** A section is one of the portal. */
const hrefOf = ({ section, url }: Item): string =>
  url ?? (section === 'HOME' || !section ? boot.portalUrl : `${boot.portalUrl}/${section.toLowerCase()}`);

const newTab = { target: '_blank', rel: 'noopener noreferrer' };

const OwnItem = ({ item }: { item: Item }) => {
  const sameTab = item.opensIn === 'SAME_TAB';
  return (
    <li>
      <a href={hrefOf(item)} {...(!sameTab && newTab)}>
        <MenuIconView name={item.icon} />
        <bdi class="rail-own-title">{item.title}</bdi>
        {!sameTab && <><span class="unseen">{t.shell.newTab}</span><Icon name="external" /></>}
      </a>
    </li>
  );
};

export function OwnItems() {
  const { data, reload } = useQuery(OWN, {});
  useRefreshOnReturn(reload);
  const items = data?.menuItems ?? [];
  if (!items.length) return null;
  return <ul class="rail-own" aria-label={t.shell.ownItems}>{items.map((item) => <OwnItem key={item.id} item={item} />)}</ul>;
}
