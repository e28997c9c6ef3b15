import { useEffect, useMemo, useRef } from 'preact/hooks';
import { counts, graphql, useQuery } from '../../api';
import { Card, Empty, ErrorNotice, Skeleton, Tabs } from '../../components';
import { language, number, t } from '../../i18n';
import { params, setParams } from '../../router';
import type { Series } from './chart';
import { Chart } from './chart';
import { Figures } from './figures';
import type { Range } from './range';
import { RANGES, rangeOf } from './range';

const ZONE = graphql(`
  query PortalZone {
    portal { id timezone }
  }
`);

const HISTORY = graphql(`
  query StatsHistory($from: Date!, $to: Date!, $interval: StatsInterval!) {
    portalStatsHistory(from: $from, to: $to, interval: $interval) { date invited joined active }
  }
`);

type Point = { date: string; invited: number; joined: number; active: number };

const RELOAD_MS = 1_500;

/** Calls `reload` when the counts changed, at most once in a while. */
function useReloadOnCounts(reload: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const seen = useRef<string>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  const version = counts.value?.version;
  useEffect(() => {
    const isFirst = seen.current === undefined;
    seen.current = version;
    if (isFirst || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, RELOAD_MS);
  }, [version]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function useHistory(range: Range) {
  const zone = useQuery(ZONE, {});
  const timezone = zone.data?.portal.timezone;
  const variables = rangeOf(range, timezone ?? 'UTC');
  const history = useQuery(HISTORY, variables, { pause: !timezone });
  useReloadOnCounts(history.reload);
  return {
    points: history.data?.portalStatsHistory,
    error: zone.error ?? history.error,
    reload: () => (zone.error ? zone.reload() : history.reload()),
  };
}

/** The name of a point: its day, or the week that begins with it. */
function usePointNames(range: Range) {
  return useMemo(() => {
    const short = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
    const long = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'long', timeZone: 'UTC' });
    return {
      short: (date: string) => short.format(new Date(date)),
      long: (date: string) => (range === '90' ? t.overview.weekOf(short.format(new Date(date))) : long.format(new Date(date))),
    };
  }, [range]);
}

const sum = (points: readonly Point[], name: 'invited' | 'joined'): number => points.reduce((total, point) => total + point[name], 0);

const Legend = ({ points }: { points: readonly Point[] }) => (
  <ul class="history-legend">
    {(['invited', 'joined'] as const).map((name) => (
      <li key={name}>
        <span class="history-swatch" data-series={name} />
        {t.overview.series[name]} <strong>{number(sum(points, name))}</strong>
      </li>
    ))}
  </ul>
);

const seriesOf = (): Series<Point>[] => [
  { look: 'invited', label: t.overview.series.invited, of: ({ invited }) => invited, bar: true },
  { look: 'joined', label: t.overview.series.joined, of: ({ joined }) => joined, bar: true },
  { look: 'active', label: t.overview.series.active, of: ({ active }) => active, bar: false },
];

function History({ points, range }: { points: readonly Point[]; range: Range }) {
  const names = usePointNames(range);
  const series = useMemo(seriesOf, []);
  const [invited, joined] = [sum(points, 'invited'), sum(points, 'joined')];
  return (
    <>
      <Legend points={points} />
      {invited + joined === 0
        ? <Empty title={t.overview.noHistory}>{t.overview.noHistoryHint}</Empty>
        : <Chart points={points} series={series} names={names} label={t.overview.chartLabel(number(invited), number(joined), t.overview.ranges[range])} />}
      <Figures points={points} series={series} names={names} title={t.overview.historyTitle} />
    </>
  );
}

export function HistoryCard() {
  const asked = params.value.get('days');
  const range: Range = asked === '90' ? '90' : '30';
  const { points, error, reload } = useHistory(range);
  const tabs = RANGES.map((id) => ({ id, label: t.overview.ranges[id] }));
  return (
    <Card title={t.overview.historyTitle} action={
      <Tabs tabs={tabs} current={range} label={t.overview.rangeLabel} onChange={(days) => setParams({ days: days === '30' ? '' : days })} />
    }>
      <div class="history" role="tabpanel" aria-label={t.overview.ranges[range]}>
        {error && !points && <ErrorNotice error={error} retry={reload} />}
        {!error && !points && <Skeleton rows={5} />}
        {points && <History points={points} range={range} />}
      </div>
    </Card>
  );
}
