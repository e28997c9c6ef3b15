import { number, t } from '../../i18n';
import type { PointNames, Series } from './chart';

type FiguresProps<Point> = { points: readonly Point[]; series: readonly Series<Point>[]; names: PointNames; title: string };

/** The chart as a table. */
export const Figures = <Point extends { date: string }>({ points, series, names, title }: FiguresProps<Point>) => (
  <details class="figures">
    <summary>{t.overview.asTable}</summary>
    <div class="figures-scroll" tabIndex={0} role="region" aria-label={title}>
      <table aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{t.overview.date}</th>
            {series.map(({ look, label }) => <th key={look} scope="col">{label}</th>)}
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map((point) => (
            <tr key={point.date}>
              <th scope="row">{names.long(point.date)}</th>
              {series.map(({ look, of }) => <td key={look}>{number(of(point))}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);
