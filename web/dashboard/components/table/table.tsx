import { useCallback, useMemo, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { Button } from '../button';
import { ErrorNotice, Skeleton } from '../feedback';
import { Icon } from '../icon';
import { MemoChunk } from './chunk';
import { useCursor } from './cursor';
import { LoadMore } from './more';
import type { Selecting } from './selecting';
import { useSelecting } from './selecting';
import type { Column, Selection, TableProps } from './types';

const SELECT_TRACK = '2.75rem';
const CHUNK = 25;

const tracks = (columns: readonly Column<never>[], selectable: boolean): string =>
  [...(selectable ? [SELECT_TRACK] : []), ...columns.map(({ width }) => `minmax(0, ${width ?? '1fr'})`)].join(' ');

export function Table<Row extends { id: string }>({ list, columns, href, rowLabel, selection, empty, label }: TableProps<Row>) {
  const table = useRef<HTMLTableElement>(null);
  const ids = useMemo(() => list.rows.map(({ id }) => id), [list.rows]);
  const chunks = useMemo(() => Array.from({ length: Math.ceil(list.rows.length / CHUNK) }, (_, at) => list.rows.slice(at * CHUNK, (at + 1) * CHUNK)), [list.rows]);
  const selecting = useSelecting(selection, ids);
  const latest = useRef(selecting);
  latest.current = selecting;
  const toggle = useCallback((id: string, range: boolean) => latest.current.toggle(id, range), []);
  const open = (id: string) => table.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] .table-link`)?.click();
  const cursor = useCursor({ ids, table, onToggle: selection && toggle, onOpen: open });

  const cursorChunk = cursor === null ? -1 : Math.floor(ids.indexOf(cursor) / CHUNK);
  if (list.loading) return <div class="table-frame"><Skeleton rows={8} /></div>;
  if (list.error && list.rows.length === 0) return <ErrorNotice error={list.error} retry={list.reload} />;

  const wide = columns as readonly Column<never>[];
  const style = {
    '--table-wide': tracks(wide, Boolean(selection)),
    '--table-tablet': tracks(wide.filter(({ hideBelow }) => hideBelow !== 'tablet'), Boolean(selection)),
  };
  return (
    <div class="table-area">
      <div class="table-fresh" aria-live="polite">
        {list.fresh > 0 && <Button size="small" onClick={list.showFresh}>{t.components.fresh(list.fresh)}</Button>}
      </div>
      {list.rows.length === 0 ? <div class="table-frame">{empty}</div> : (
        <div class="table-frame">
          {selection && selecting.loaded === 'all' && <SelectAll selection={selection} loaded={ids.length} total={list.total} />}
          <table role="table" class="table" ref={table} aria-label={label} aria-rowcount={list.total === undefined ? -1 : list.total + 1} style={style}>
            <TableHead columns={columns} selecting={selection && selecting} />
            {chunks.map((rows, at) => (
              <MemoChunk key={at} rows={rows} first={at * CHUNK} columns={columns} selectable={Boolean(selection)} onToggle={toggle} has={selecting.has}
                cursor={at === cursorChunk ? cursor : null} href={href} rowLabel={rowLabel} />
            ))}
          </table>
        </div>
      )}
      {list.error ? <ErrorNotice error={list.error} retry={list.reload} /> : list.hasMore && <LoadMore loaded={ids.length} loadMore={list.loadMore} />}
    </div>
  );
}

const ARIA_SORT = { ASC: 'ascending', DESC: 'descending', NONE: 'none' } as const;

const TableHead = <Row,>({ columns, selecting }: { columns: readonly Column<Row>[]; selecting: Selecting | undefined }) => (
  <thead role="rowgroup" class="table-head">
    <tr role="row" class="table-row" aria-rowindex={1}>
      {selecting && (
        <th role="columnheader" class="table-select">
          <input type="checkbox" aria-label={t.components.selectLoaded} checked={selecting.loaded === 'all'}
            indeterminate={selecting.loaded === 'some'} onChange={selecting.toggleLoaded} />
        </th>
      )}
      {columns.map(({ id, header, hideBelow, align, sort }) => (
        <th key={id} role="columnheader" scope="col" class="table-cell" data-hide={hideBelow} data-align={align} aria-sort={sort && ARIA_SORT[sort.direction ?? 'NONE']}>
          {sort
            ? <button type="button" class="table-sort" data-direction={sort.direction} onClick={sort.onSort}>{header}<Icon name="chevron-down" /></button>
            : header || <span class="unseen">{t.components.actions}</span>}
        </th>
      ))}
    </tr>
  </thead>
);

/** Offers to select what isn't loaded too. */
function SelectAll({ selection: { all }, loaded, total }: { selection: Selection; loaded: number; total: number | undefined }) {
  if (!all || total === undefined || total <= loaded) return null;
  return (
    <div class="table-select-all" role="status">
      {all.value ? t.components.allSelected(total) : t.components.loadedSelected(loaded)}
      {!all.value && <Button kind="plain" size="small" onClick={() => (all.value = true)}>{t.components.selectMatching(total)}</Button>}
    </div>
  );
}
