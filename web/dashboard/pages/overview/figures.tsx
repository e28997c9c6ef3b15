import { number, t } from '../../i18n';
import type { Point, PointNames } from './chart';

/** The chart as a table. */
export const Figures = ({ points, names }: { points: readonly Point[]; names: PointNames }) => (
  <details class="figures">
    <summary>{t.overview.asTable}</summary>
    <div class="figures-scroll" tabIndex={0} role="region" aria-label={t.overview.historyTitle}>
      <table aria-label={t.overview.historyTitle}>
        <thead>
          <tr>
            <th scope="col">{t.overview.date}</th>
            <th scope="col">{t.overview.series.invited}</th>
            <th scope="col">{t.overview.series.joined}</th>
            <th scope="col">{t.overview.series.active}</th>
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map((point) => (
            <tr key={point.date}>
              <th scope="row">{names.long(point.date)}</th>
              <td>{number(point.invited)}</td>
              <td>{number(point.joined)}</td>
              <td>{number(point.active)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);
