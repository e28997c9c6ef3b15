import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { number, t } from '../../i18n';
import { chartOptions } from './chart_options';

export type Point = { date: string; invited: number; joined: number; active: number };

export type PointNames = { short: (date: string) => string; long: (date: string) => string };

type Hover = { index: number; left: number };

const HEIGHT = 224;
const TIP_HALF = 96;

// The x-axis is the index of the point: dates need no time zone then.
const columns = (points: readonly Point[]): uPlot.AlignedData =>
  [points.map((_, index) => index), points.map(({ invited }) => invited), points.map(({ joined }) => joined)];

/** A uPlot chart in `element` that keeps its width and its colours. Returns it, and what ends it. */
function mount(element: HTMLElement, points: readonly Point[], name: (index: number) => string, onHover: (hover: Hover | null) => void) {
  const options = chartOptions({ width: element.clientWidth, height: HEIGHT, name, onHover });
  const plot = new uPlot(options, columns(points), element);
  const observer = new ResizeObserver(() => {
    if (element.clientWidth !== plot.width) plot.setSize({ width: element.clientWidth, height: HEIGHT });
  });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const repaint = () => plot.redraw(false, true);
  observer.observe(element);
  scheme.addEventListener('change', repaint);
  const end = () => {
    observer.disconnect();
    scheme.removeEventListener('change', repaint);
    plot.destroy();
  };
  return { plot, end };
}

function Tip({ point, names, left }: { point: Point; names: PointNames; left: string }) {
  return (
    <div class="chart-tip" aria-hidden="true" style={{ left }}>
      <strong>{names.long(point.date)}</strong>
      {(['invited', 'joined', 'active'] as const).map((name) => (
        <span key={name} class="chart-tip-row">
          <span><span class="history-swatch" data-series={name} />{t.overview.series[name]}</span>
          <b>{number(point[name])}</b>
        </span>
      ))}
    </div>
  );
}

/** Pairs of bars. `label` says in one sentence what they show; the table below it has the numbers. */
export function Chart({ points, names, label }: { points: readonly Point[]; names: PointNames; label: string }) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef({ points, names });
  latest.current = { points, names };
  const [hover, setHover] = useState<Hover | null>(null);

  useEffect(() => {
    if (!element.current) return;
    const name = (index: number) => {
      const point = latest.current.points[index];
      return point ? latest.current.names.short(point.date) : '';
    };
    const mounted = mount(element.current, latest.current.points, name, setHover);
    plot.current = mounted.plot;
    return mounted.end;
  }, []);
  useEffect(() => plot.current?.setData(columns(points)), [points]);

  const point = hover && points[hover.index];
  const width = element.current?.clientWidth ?? 0;
  return (
    <div class="chart">
      <div class="chart-canvas" role="img" aria-label={label} ref={element} />
      {hover && point && (
        <Tip point={point} names={names} left={`${Math.max(TIP_HALF, Math.min(hover.left, width - TIP_HALF))}px`} />
      )}
    </div>
  );
}
