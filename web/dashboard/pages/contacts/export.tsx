import { boot } from '../../api';
import { ButtonLink, Icon, Popover } from '../../components';
import { number, t } from '../../i18n';
import type { Filter } from './state';

const href = (filter: Filter): string => {
  const query = Object.keys(filter).length ? `?${new URLSearchParams({ filter: JSON.stringify(filter) })}` : '';
  return `${boot.base}/contacts.csv${query}`;
};

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
