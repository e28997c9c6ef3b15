import { boot } from '../../api';
import type { MenuEntry } from '../../components';
import { ButtonLink, Icon, Popover } from '../../components';
import { number, t } from '../../i18n';
import type { Chosen } from './many';
import type { Filter } from './state';

/** How many contacts the server takes by their ids. */
const MOST_IDS = 500;

const csv = (query = ''): string => `${boot.base}/contacts.csv${query}`;

const href = (filter: Filter): string =>
  csv(Object.keys(filter).length ? `?${new URLSearchParams({ filter: JSON.stringify(filter) })}` : '');

/** An item of the selection's menu. */
export const exportChosen = (chosen: Chosen): MenuEntry => ({
  id: 'export', label: t.contacts.exportChosen, icon: 'download',
  ...('contacts' in chosen && chosen.contacts.length > MOST_IDS && { disabledReason: t.contacts.exportTooMany(number(MOST_IDS)) }),
  onSelect: () => {
    const from = 'contacts' in chosen ? csv(`?ids=${chosen.contacts.map(({ id }) => id).join(',')}`) : href(chosen.filter);
    Object.assign(document.createElement('a'), { href: from, download: '' }).click();
  },
});

/** All contacts as a CSV file, or those that match. */
export function Export({ filter, total }: { filter: Filter; total: number | undefined }) {
  if (!Object.keys(filter).length) {
    return <ButtonLink kind="quiet" icon="download" href={href({})} download>{t.contacts.export}</ButtonLink>;
  }
  return (
    <Popover label={t.contacts.export} trigger={(props) => (
      <button {...props} class="button quiet"><Icon name="download" />{t.contacts.export}<Icon name="chevron-down" /></button>
    )}>
      <div class="contacts-export">
        <a href={href(filter)} download>{t.contacts.exportMatching(number(total ?? 0))}</a>
        <a href={href({})} download>{t.contacts.exportAll}</a>
      </div>
    </Popover>
  );
}
