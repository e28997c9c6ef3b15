// The file that is sent to the server: ours, with the header that the API reads, a line for each row that is not skipped.
import type { Values } from './fields';
import { FIELDS } from './fields';
import { csvLine, slices } from './csv';
import type { Sent, Work } from './work';
import { rowValues } from './work';

export type Built = {
  file: File;
  /** The row of each line; the header is line 1. */
  rowOf: (line: number) => number | undefined;
};

const FIRST_LINE = 2;
const KEPT_ROWS = 5_000;

/** The rows that are not skipped. */
export function included({ rows, skipped }: Work): number[] {
  const left = new Set(skipped);
  return [...rows.keys()].filter((row) => !left.has(row));
}

let last: { key: readonly unknown[]; built: Built } | undefined;

/** The same file again while nothing changed: a request that is repeated after a lost response must be the same. */
export async function buildFile(work: Work): Promise<Built> {
  const key = [work.rows, work.targets, work.edits, work.skipped];
  if (last?.key.every((part, index) => part === key[index])) return last.built;
  const rows = included(work);
  const lines = [FIELDS.join(',')];
  const pause = slices();
  for (const row of rows) {
    const values = rowValues(work, row);
    lines.push(csvLine(FIELDS.map((field) => values[field].trim())));
    if (lines.length % 500 === 0) await pause();
  }
  const file = new File([`${lines.join('\n')}\n`], 'contacts.csv', { type: 'text/csv' });
  last = { key, built: { file, rowOf: (line) => rows[line - FIRST_LINE] } };
  return last.built;
}

/** What is kept of the file for mending: all of a small one, of a large one only what is known to be wrong. */
export function sentRows(work: Work, wrong: ReadonlySet<number>): Sent {
  const rows = included(work);
  const sent: Partial<Record<number, Values>> = {};
  rows.forEach((row, index) => {
    if (rows.length <= KEPT_ROWS || wrong.has(row)) sent[index + FIRST_LINE] = rowValues(work, row);
  });
  return sent;
}
