import uPlot from 'uplot';
import { number } from '../../i18n';

type Wanted = {
  width: number;
  height: number;
  /** What stands below a point. */
  name: (index: number) => string;
  onHover: (hover: { index: number; left: number } | null) => void;
};

const NAME_WIDTH = 72;
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
const SMALLEST_TOP = 4;

// Read when it is drawn: the colours follow the scheme.
const colour = (token: string) => () => getComputedStyle(document.documentElement).getPropertyValue(token).trim();

const font = () => `12px ${getComputedStyle(document.body).fontFamily}`;

function bars(token: string, align: -1 | 1): uPlot.Series {
  const paths = uPlot.paths.bars?.({ align, size: [0.36, 18, 1], radius: 0.2, gap: 1 });
  return { ...(paths && { paths }), fill: colour(token), stroke: colour(token), width: 0, points: { show: false } };
}

/** Every n-th point, so that the names below don't touch. */
function namedPoints(plot: uPlot): number[] {
  const count = plot.data[0].length;
  const step = Math.max(1, Math.ceil(count / Math.max(1, Math.floor(plot.width / NAME_WIDTH))));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => count - 1 - index * step).reverse();
}

function axes(name: Wanted['name']): uPlot.Axis[] {
  const shared = { stroke: colour('--muted'), font: font(), ticks: { show: false } };
  return [
    { ...shared, splits: namedPoints, values: (_plot, splits) => splits.map(name), grid: { show: false }, size: 28, gap: 6 },
    {
      ...shared, values: (_plot, splits) => splits.map(number), incrs: WHOLE_STEPS, space: 40, gap: 6, size: 44,
      grid: { stroke: colour('--line'), width: 1 },
    },
  ];
}

export const chartOptions = ({ width, height, name, onHover }: Wanted): uPlot.Options => ({
  width,
  height,
  padding: [8, 4, 0, 0],
  legend: { show: false },
  cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
  scales: {
    x: { time: false, range: (plot) => [-0.6, plot.data[0].length - 0.4] },
    y: { range: (_plot, _min, max) => [0, Math.max(SMALLEST_TOP, max * 1.05)] },
  },
  axes: axes(name),
  series: [{}, bars('--field', -1), bars('--accent-text', 1)],
  hooks: {
    setCursor: [(plot) => {
      const { idx, left } = plot.cursor;
      const shown = typeof idx === 'number' && left !== undefined && left >= 0;
      onHover(shown ? { index: idx, left: plot.over.offsetLeft + plot.valToPos(idx, 'x') } : null);
    }],
  },
});
