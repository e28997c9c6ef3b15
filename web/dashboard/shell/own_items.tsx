// The account's own items in the navigation.
import type { ResultOf } from '../api';
import { boot, graphql, useQuery, useRefreshOnReturn } from '../api';
import { Icon, MenuIconView } from '../components';
import { t } from '../i18n';
import { link, path } from '../router';

export const OWN_ITEMS = graphql(`
  query OwnMenuItems {
    menuItems(audience: DASHBOARD, visibleToMe: true) { id title icon section url opensIn position }
  }
`);

type Item = ResultOf<typeof OWN_ITEMS>['menuItems'][number];

/** A section is one of the portal. */
const hrefOf = ({ id, opensIn, section, url }: Item): string =>
  opensIn === 'FRAME' ? link(`items/${id}`) : url ?? (section === 'HOME' || !section ? boot.portalUrl : `${boot.portalUrl}/${section.toLowerCase()}`);

const newTab = { target: '_blank', rel: 'noopener noreferrer' };

const OwnItem = ({ item }: { item: Item }) => {
  const sameTab = item.opensIn !== 'NEW_TAB';
  return (
    <li>
      <a href={hrefOf(item)} {...(!sameTab && newTab)} {...(path.value === `items/${item.id}` && { 'aria-current': 'page' })}>
        <MenuIconView name={item.icon} />
        <bdi class="rail-own-title">{item.title}</bdi>
        {!sameTab && <><span class="unseen">{t.shell.newTab}</span><Icon name="external" /></>}
      </a>
    </li>
  );
};

export function OwnItems() {
  const { data, reload } = useQuery(OWN_ITEMS, {});
  useRefreshOnReturn(reload);
  const items = data?.menuItems ?? [];
  if (!items.length) return null;
  return <ul class="rail-own" aria-label={t.shell.ownItems}>{items.map((item) => <OwnItem key={item.id} item={item} />)}</ul>;
}
