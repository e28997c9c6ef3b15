import { useState } from 'preact/hooks';
import { number } from '../../i18n';
import { scaleOf } from './scale';

export type PointNames = { short: (date: string) => string; long: (date: string) => string };

/** Numbers of each point. What is no bar is shown in the table and beside the pointer only. `look` is its colour. */
export type Series<Point> = { look: 'invited' | 'joined' | 'active'; label: string; of: (point: Point) => number; bar: boolean };

type Dated = { date: string };
const MAX_NAMES = 6;

const percent = (part: number): string => `${part * 100}%`;

const Grid = ({ ticks, top }: { ticks: readonly number[]; top: number }) => (
  <>
    {ticks.map((tick) => (
      <span key={tick} class="chart-line" style={{ bottom: percent(tick / top) }}><span>{number(tick)}</span></span>
    ))}
  </>
);

type ColumnProps<Point> = { point: Point; series: readonly Series<Point>[]; top: number; onPoint: () => void };

const Column = <Point,>({ point, series, top, onPoint }: ColumnProps<Point>) => (
  <div class="chart-column" onPointerEnter={onPoint} onPointerDown={onPoint}>
    {series.map(({ look, of }) => (
      <span key={look} class="chart-bar" data-series={look} data-empty={of(point) === 0 || undefined} style={{ height: percent(of(point) / top) }} />
    ))}
  </div>
);

type TipProps<Point> = { point: Point; series: readonly Series<Point>[]; names: PointNames; left: string };

const Tip = <Point extends Dated>({ point, series, names, left }: TipProps<Point>) => (
  <div class="chart-tip" style={{ left }}>
    <strong>{names.long(point.date)}</strong>
    {series.map(({ look, label, of }) => (
      <span key={look} class="chart-tip-row">
        <span><span class="history-swatch" data-series={look} />{label}</span>
        <b>{number(of(point))}</b>
      </span>
    ))}
  </div>
);

/** Names under every n-th column, counted from the last one; every other one is left out where it is narrow. */
function Names({ points, names }: { points: readonly Dated[]; names: PointNames }) {
  const step = Math.ceil(points.length / MAX_NAMES);
  return (
    <div class="chart-names">
      {points.map(({ date }, index) => {
        const place = (points.length - 1 - index) / step;
        return <span key={date} data-minor={place % 2 === 1 || undefined}>{Number.isInteger(place) && <span>{names.short(date)}</span>}</span>;
      })}
    </div>
  );
}

type ChartProps<Point> = { points: readonly Point[]; series: readonly Series<Point>[]; names: PointNames; label: string };

/** Bars, one or more for each point. `label` says in one sentence what they show; the table below has the numbers. */
export function Chart<Point extends Dated>({ points, series, names, label }: ChartProps<Point>) {
  const [pointed, setPointed] = useState<number | null>(null);
  const bars = series.filter(({ bar }) => bar);
  const { top, ticks } = scaleOf(Math.max(...points.flatMap((point) => bars.map(({ of }) => of(point)))));
  const point = pointed === null ? undefined : points[pointed];
  return (
    <div class="chart" role="img" aria-label={label} onPointerLeave={() => setPointed(null)}>
      <div class="chart-area">
        <Grid ticks={ticks} top={top} />
        <div class="chart-columns">
          {points.map((each, index) => <Column key={each.date} point={each} series={bars} top={top} onPoint={() => setPointed(index)} />)}
        </div>
        {point && pointed !== null && <Tip point={point} series={series} names={names} left={`clamp(3.5rem, ${percent((pointed + 0.5) / points.length)}, calc(100% - 6rem))`} />}
      </div>
      <Names points={points} names={names} />
    </div>
  );
}
