import { Icon, IconButton, Popover, RadioGroup, TextField } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { DAYS, periodText, readPeriod } from './period';

const clear = () => setParams({ period: '', from: '', to: '' });

export function PeriodFilter() {
  const period = readPeriod(params.value);
  const text = periodText(period);
  const options = [
    { value: '', label: t.messages.anyTime },
    ...DAYS.map((days) => ({ value: String(days), label: t.messages.last(days) })),
    { value: 'between', label: t.messages.between },
  ];
  return (
    <span class="filter" data-active={text ? true : undefined}>
      <Popover label={t.messages.period} trigger={(props) => (
        <button {...props} class="filter-trigger">
          {t.messages.period}
          {text ? <b class="filter-value">{text}</b> : <Icon name="chevron-down" />}
        </button>
      )}>
        <div class="period">
          <RadioGroup label={t.messages.period} value={period.choice} options={options}
            onChange={(choice) => setParams({ period: choice, from: '', to: '' })} />
          {period.choice === 'between' && (
            <div class="period-days">
              <TextField type="date" label={t.messages.from} value={period.from} onInput={(from) => setParams({ from })} />
              <TextField type="date" label={t.messages.to} value={period.to} onInput={(to) => setParams({ to })} />
            </div>
          )}
        </div>
      </Popover>
      {text && <IconButton icon="close" label={t.components.clearFilter(t.messages.period)} onClick={clear} />}
    </span>
  );
}
