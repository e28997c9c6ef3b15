import { memo } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { MemoRow } from './row';
import type { RowsProps } from './row';

const AHEAD = '1000px';

type ChunkProps<Row extends { id: string }> = RowsProps<Row> & {
  rows: readonly Row[];
  /** The index of the first one in the list. */
  first: number;
  has: (id: string) => boolean;
  /** The row with the cursor, if it is here: it stays, out of sight too. */
  cursor: string | null;
  href: ((row: Row) => string) | undefined;
  rowLabel: (row: Row) => string;
};

/** Some rows of a table. Out of sight they are not in the page, so that a list of thousands is as fast as a short one. */
function Chunk<Row extends { id: string }>({ rows, first, has, cursor, href, rowLabel, ...shared }: ChunkProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  // Their height while they are out of sight.
  const [away, setAway] = useState(0);
  useEffect(() => {
    if (!body.current) return;
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, boundingClientRect } of entries) setAway(isIntersecting ? 0 : boundingClientRect.height);
    }, { rootMargin: AHEAD });
    observer.observe(body.current);
    return () => observer.disconnect();
  }, []);

  const empty = away > 0 && cursor === null;
  return (
    <tbody role={empty ? 'presentation' : 'rowgroup'} ref={body} style={empty ? { height: away } : undefined}>
      {!empty && rows.map((row, index) => (
        <MemoRow key={row.id} {...shared} row={row} index={first + index} href={href?.(row)} label={rowLabel(row)}
          selected={has(row.id)} current={row.id === cursor} />
      ))}
    </tbody>
  );
}

export const MemoChunk = memo<ChunkProps<never>>(Chunk) as unknown as typeof Chunk;
