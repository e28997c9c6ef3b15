import { memo } from 'preact/compat';
import { t } from '../../i18n';
import type { Column } from './types';

/** What all rows of a table share. */
export type RowsProps<Row extends { id: string }> = {
  columns: readonly Column<Row>[];
  selectable: boolean;
  onToggle: (id: string, range: boolean) => void;
};

type RowProps<Row extends { id: string }> = RowsProps<Row> & {
  row: Row;
  index: number;
  href: string | undefined;
  label: string;
  selected: boolean;
  current: boolean;
};

// A grid has no table semantics of its own in every browser: the roles say them.
function TableRow<Row extends { id: string }>(props: RowProps<Row>) {
  const { row, index, columns, href, label, selectable, selected, current, onToggle } = props;
  return (
    <tr role="row" class="table-row" data-id={row.id} data-current={current || undefined} data-selected={selected || undefined}
      aria-rowindex={index + 2} tabIndex={href ? undefined : current ? 0 : -1}>
      {selectable && (
        <td role="cell" class="table-select">
          <input type="checkbox" aria-label={t.components.selectRow(label)} checked={selected}
            onClick={(event) => {
              onToggle(row.id, event.shiftKey);
              event.currentTarget.checked = selected;
            }} />
        </td>
      )}
      {columns.map((column, position) => (
        <td key={column.id} role="cell" class="table-cell" data-hide={column.hideBelow} data-align={column.align} data-label={column.header}>
          {position === 0 && href ? <a class="table-link" href={href}>{column.cell(row)}</a> : column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

export const MemoRow = memo<RowProps<never>>(TableRow) as unknown as typeof TableRow;
