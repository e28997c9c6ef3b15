import { Button, Icon, IconButton, Popover, TextField } from '../../components';
import { language, t } from '../../i18n';
import { params, setParams } from '../../router';
import { dayAgo } from './state';

const LAST_DAYS = [1, 7, 30, 90];

const shown = (day: string): string => {
  const at = new Date(`${day}T00:00`);
  return Number.isNaN(at.getTime()) ? day : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at);
};

function label(since: string, until: string): string {
  if (since && until) return `${shown(since)} – ${shown(until)}`;
  return since ? t.audit.sinceDay(shown(since)) : t.audit.untilDay(shown(until));
}

/** Only what happened between two days. */
export function DatesChip() {
  const [since, until] = [params.value.get('since') ?? '', params.value.get('until') ?? ''];
  const active = Boolean(since || until);
  const backwards = since && until && since > until ? t.audit.backwards : undefined;
  return (
    <span class="filter" data-active={active || undefined}>
      <Popover label={t.audit.dates} trigger={(props) => (
        <button {...props} class="filter-trigger">
          {t.audit.dates}
          {active ? <b class="filter-value">{label(since, until)}</b> : <Icon name="chevron-down" />}
        </button>
      )}>
        <div class="audit-dates">
          {LAST_DAYS.map((days) => (
            <Button key={days} kind="quiet" size="small" onClick={() => setParams({ since: dayAgo(days - 1), until: undefined })}>{t.audit.lastDays(days)}</Button>
          ))}
          <TextField label={t.audit.from} type="date" value={since} onInput={(day) => setParams({ since: day })} />
          <TextField label={t.audit.to} type="date" value={until} error={backwards} onInput={(day) => setParams({ until: day })} />
        </div>
      </Popover>
      {active && (
        <IconButton icon="close" label={t.components.clearFilter(t.audit.dates)} onClick={() => setParams({ since: undefined, until: undefined })} />
      )}
    </span>
  );
}
