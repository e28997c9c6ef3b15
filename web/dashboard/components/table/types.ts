import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import type { List } from '../../api/list';

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => VNode | string | null;
  /** A grid track, such as `8rem` or `2fr`. Default: `1fr`. */
  width?: string;
  hideBelow?: 'phone' | 'tablet';
  align?: 'end';
  /** The header is a button that orders by this column; `direction` is null while another one orders. */
  sort?: { direction: 'ASC' | 'DESC' | null; onSort: () => void };
};

export type Selection = {
  ids: Signal<Set<string>>;
  /** Everything that matches the filter is selected, loaded or not. */
  all?: Signal<boolean>;
};

export type TableProps<Row extends { id: string }> = {
  list: List<Row>;
  columns: readonly Column<Row>[];
  href?: (row: Row) => string;
  rowLabel: (row: Row) => string;
  selection?: Selection;
  empty: VNode;
  label: string;
};
