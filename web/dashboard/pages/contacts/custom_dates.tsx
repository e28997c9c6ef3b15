import { useState } from 'preact/hooks';
import { Button, Icon, Popover, TextField } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import type { RangeName } from './state';
import { RANGE_NAMES } from './state';

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
  const isBackwards = (name: RangeName): boolean => {
    const [from, to] = [dates[`${name}.from`], dates[`${name}.to`]];
    return Boolean(from && to && from > to);
  };
  const backwardsAt = (bound: keyof Dates) =>
    RANGE_NAMES.some((name) => bound === `${name}.to` && isBackwards(name)) ? t.contacts.backwards : undefined;
  return (
    <span class="filter">
      <Popover label={t.contacts.customDates} onToggle={(open) => open && setDates(datesOf(params.value))}
        trigger={(props) => <button {...props} class="filter-trigger">{t.contacts.customDates}<Icon name="chevron-down" /></button>}>
        <form class="contacts-dates" onSubmit={(event) => {
          event.preventDefault();
          if (RANGE_NAMES.some(isBackwards)) return;
          setParams(rangesOf(dates));
          close(event.currentTarget);
        }}>
          {RANGE_NAMES.flatMap((name) => [`${name}.from`, `${name}.to`] as const).map((bound) => (
            <TextField key={bound} type="date" label={t.contacts.bound[bound]} value={dates[bound] ?? ''}
              onInput={(date) => setDates({ ...dates, [bound]: date })} error={backwardsAt(bound)} />
          ))}
          <Button type="submit" size="small">{t.contacts.applyDates}</Button>
        </form>
      </Popover>
    </span>
  );
}
