import { useId } from 'preact/hooks';
import { Button, Marked } from '../../components';
import { t } from '../../i18n';
import type { Problem } from './check';
import type { Field } from './fields';
import type { Work } from './work';
import { change, edit, rowValues } from './work';

type CellProps = { row: number; field: Field; value: string; problems: readonly Problem[]; disabled: boolean };

function Cell({ row, field, value, problems, disabled }: CellProps) {
  const id = useId();
  const wrong = problems.some(({ warning }) => !warning);
  return (
    <td data-label={t.jobs.import.field[field]}>
      <input dir="auto" aria-label={t.jobs.import.cell(t.jobs.import.field[field], row + 1)} value={value} disabled={disabled} spellcheck={false}
        autocomplete="off" aria-invalid={wrong || undefined} aria-describedby={problems.length ? id : undefined}
        onInput={(event) => edit(row, field, event.currentTarget.value)} />
      {problems.length > 0 && (
        <span id={id} class={wrong ? 'error' : 'hint'}><Marked text={problems.map(({ message }) => message).join(' ')} /></span>
      )}
    </td>
  );
}

type RowEditorProps = { now: Work; row: number; fields: readonly Field[]; problems: readonly Problem[] };

export function RowEditor({ now, row, fields, problems }: RowEditorProps) {
  const words = t.jobs.import;
  const values = rowValues(now, row);
  const isSkipped = now.skipped.includes(row);
  const shown = isSkipped ? [] : problems;
  const general = shown.filter(({ field }) => field === null || !fields.includes(field));
  const toggle = () => change({ skipped: isSkipped ? now.skipped.filter((each) => each !== row) : [...now.skipped, row] });
  return (
    <tr data-skipped={isSkipped || undefined}>
      <th scope="row" data-label={words.row}>
        <span class="unseen">{words.rowName(row + 1)}</span>
        <span aria-hidden="true">{row + 1}</span>
        {general.map(({ message }) => <span key={message} class="error"><Marked text={message} /></span>)}
      </th>
      {fields.map((field) => (
        <Cell key={field} row={row} field={field} value={values[field]} disabled={isSkipped}
          problems={shown.filter((problem) => problem.field === field)} />
      ))}
      <td>
        <Button kind="plain" size="small" aria-label={isSkipped ? words.includeRow(row + 1) : words.skipRow(row + 1)} onClick={toggle}>
          {isSkipped ? words.include : words.skip}
        </Button>
      </td>
    </tr>
  );
}
