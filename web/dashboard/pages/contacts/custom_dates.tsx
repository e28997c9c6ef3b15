import { useState } from 'preact/hooks';
import { Button, Icon, Popover, TextField } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import type { RangeName } from './state';
import { RANGES, RANGE_NAMES } from './state';

type Dates = Partial<Record<`${RangeName}.${'from' | 'to'}`, string>>;

function datesOf(search: URLSearchParams): Dates {
  const dates: Dates = {};
  for (const name of RANGE_NAMES) {
    const [from, to] = search.get(name)?.includes('..') ? (search.get(name) ?? '').split('..') : [];
    dates[`${name}.from`] = from ?? '';
    dates[`${name}.to`] = to ?? '';
  }
  return dates;
}

function rangesOf(dates: Dates): Partial<Record<RangeName, string>> {
  const given = RANGE_NAMES.map((name) => [name, dates[`${name}.from`] ?? '', dates[`${name}.to`] ?? ''] as const)
    .filter(([, from, to]) => from || to);
  return Object.fromEntries(given.map(([name, from, to]) => [name, `${from}..${to}`]));
}

/** Days instead of the last so many, for each of the filters by time. */
export function CustomDates() {
  const [dates, setDates] = useState<Dates>({});
  const close = (element: Element) => element.closest<HTMLElement>('[popover]')?.hidePopover();
  const backwards = dates['added.from'] && dates['added.to'] && dates['added.from'] > dates['added.to'];
  return (
    <span class="filter">
      <Popover label={t.contacts.customDates} onToggle={(open) => open && setDates(datesOf(params.value))}
        trigger={(props) => <button {...props} class="filter-trigger">{t.contacts.customDates}<Icon name="chevron-down" /></button>}>
        <form class="contacts-dates" onSubmit={(event) => {
          event.preventDefault();
          if (backwards) return;
          setParams(rangesOf(dates));
          close(event.currentTarget);
        }}>
          {RANGE_NAMES.flatMap((name) => [
            ...(RANGES[name].after ? [`${name}.from` as const] : []),
            ...(RANGES[name].before ? [`${name}.to` as const] : []),
          ]).map((bound) => (
            <TextField key={bound} type="date" label={t.contacts.bound[bound]} value={dates[bound] ?? ''}
              onInput={(date) => setDates({ ...dates, [bound]: date })}
              error={bound === 'added.to' && backwards ? t.contacts.backwards : undefined} />
          ))}
          <Button type="submit" size="small">{t.contacts.applyDates}</Button>
        </form>
      </Popover>
    </span>
  );
}
