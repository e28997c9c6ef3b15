import { useMemo } from 'preact/hooks';
import { Card, Empty } from '../../components';
import { language, t } from '../../i18n';
import type { Series } from '../overview/chart';
import { Chart } from '../overview/chart';
import { Figures } from '../overview/figures';

type Point = { date: string; count: number };

const seriesOf = (): Series<Point>[] => [{ look: 'joined', label: t.affiliates.clicks, of: ({ count }) => count, bar: true }];

function namesOf() {
  const short = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const long = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'long', timeZone: 'UTC' });
  return { short: (date: string) => short.format(new Date(date)), long: (date: string) => long.format(new Date(date)) };
}

/** The clicks of the last 30 days. */
export function Clicks({ points, paused }: { points: readonly Point[]; paused: boolean }) {
  const names = useMemo(namesOf, []);
  const series = useMemo(seriesOf, []);
  const sum = points.reduce((total, { count }) => total + count, 0);
  return (
    <Card title={t.affiliates.clicksTitle}>
      <p class="hint">{paused ? t.affiliates.pausedHint : t.affiliates.clicksHint}</p>
      {sum === 0
        ? <Empty icon="affiliate" title={t.affiliates.noClicks}><p>{t.affiliates.noClicksHint}</p></Empty>
        : <Chart points={points} series={series} names={names} label={t.affiliates.clicksLabel(sum)} />}
      {sum > 0 && <Figures points={points} series={series} names={names} title={t.affiliates.clicksTitle} />}
    </Card>
  );
}
