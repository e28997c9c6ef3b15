import { useState } from 'preact/hooks';
import { number, t } from '../../i18n';
import { scaleOf } from './scale';

export type Point = { date: string; invited: number; joined: number; active: number };

export type PointNames = { short: (date: string) => string; long: (date: string) => string };

const BARS = ['invited', 'joined'] as const;
const MAX_NAMES = 6;

const percent = (part: number): string => `${part * 100}%`;

const Grid = ({ ticks, top }: { ticks: readonly number[]; top: number }) => (
  <>
    {ticks.map((tick) => (
      <span key={tick} class="chart-line" style={{ bottom: percent(tick / top) }}><span>{number(tick)}</span></span>
    ))}
  </>
);

const Column = ({ point, top, onPoint }: { point: Point; top: number; onPoint: () => void }) => (
  <div class="chart-column" onPointerEnter={onPoint} onPointerDown={onPoint}>
    {BARS.map((name) => (
      <span key={name} class="chart-bar" data-series={name} data-empty={point[name] === 0 || undefined} style={{ height: percent(point[name] / top) }} />
    ))}
  </div>
);

const Tip = ({ point, names, left }: { point: Point; names: PointNames; left: string }) => (
  <div class="chart-tip" style={{ left }}>
    <strong>{names.long(point.date)}</strong>
    {([...BARS, 'active'] as const).map((name) => (
      <span key={name} class="chart-tip-row">
        <span><span class="history-swatch" data-series={name} />{t.overview.series[name]}</span>
        <b>{number(point[name])}</b>
      </span>
    ))}
  </div>
);

/** Names under every n-th column, counted from the last one; every other one is left out where it is narrow. */
function Names({ points, names }: { points: readonly Point[]; names: PointNames }) {
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

/** Pairs of bars. `label` says in one sentence what they show; the table below has the numbers. */
export function Chart({ points, names, label }: { points: readonly Point[]; names: PointNames; label: string }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const { top, ticks } = scaleOf(Math.max(...points.flatMap((point) => BARS.map((name) => point[name]))));
  const point = pointed === null ? undefined : points[pointed];
  return (
    <div class="chart" role="img" aria-label={label} onPointerLeave={() => setPointed(null)}>
      <div class="chart-area">
        <Grid ticks={ticks} top={top} />
        <div class="chart-columns">
          {points.map((each, index) => <Column key={each.date} point={each} top={top} onPoint={() => setPointed(index)} />)}
        </div>
        {point && pointed !== null && <Tip point={point} names={names} left={`clamp(3.5rem, ${percent((pointed + 0.5) / points.length)}, calc(100% - 6rem))`} />}
      </div>
      <Names points={points} names={names} />
    </div>
  );
}
