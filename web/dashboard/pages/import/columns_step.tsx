import { Banner } from '../../components';
import { t } from '../../i18n';
import type { Target } from './fields';
import { TARGETS, retarget } from './fields';
import { StepFoot } from './steps';
import type { Work } from './work';
import { change } from './work';

const EXAMPLES = 3;
const SEARCHED = 200;

const examples = ({ rows }: Work, column: number): string[] =>
  [...new Set(rows.slice(0, SEARCHED).map((row) => row[column] ?? '').filter(Boolean))].slice(0, EXAMPLES);

const targetLabel = (target: Target): string => (target ? t.jobs.import.field[target] : t.jobs.import.ignore);

function ColumnRow({ now, column }: { now: Work; column: number }) {
  const words = t.jobs.import;
  const name = now.header[column] ?? '';
  const target = now.targets[column] ?? '';
  return (
    <tr>
      <th scope="row"><bdi>{name}</bdi></th>
      <td class="import-examples" data-label={words.examples}>
        {examples(now, column).map((example) => <bdi key={example}>{example}</bdi>)}
      </td>
      <td>
        <select aria-label={words.becomesFor(name)} value={target} data-ignored={!target || undefined}
          onChange={(event) => change({ targets: retarget(now.targets, column, event.currentTarget.value as Target) })}>
          {TARGETS.map((each) => <option key={each} value={each}>{targetLabel(each)}</option>)}
        </select>
      </td>
    </tr>
  );
}

export function ColumnsStep({ now }: { now: Work }) {
  const words = t.jobs.import;
  const ready = now.targets.includes('email');
  return (
    <>
      <p class="hint">{words.columnsHint}</p>
      {!now.utf8 && <Banner tone="warn">{words.notUtf8}</Banner>}
      <table class="import-columns" aria-labelledby="import-step">
        <thead>
          <tr><th scope="col">{words.column}</th><th scope="col">{words.examples}</th><th scope="col">{words.becomes}</th></tr>
        </thead>
        <tbody>{now.header.map((_, column) => <ColumnRow key={column} now={now} column={column} />)}</tbody>
      </table>
      <div role="status">{!ready && <p class="error">{words.needsEmail}</p>}</div>
      <StepFoot back="file" next="check" disabled={!ready} />
    </>
  );
}
