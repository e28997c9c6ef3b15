// The file that is sent to the server: ours, with the header that the API reads. A row that is skipped is a blank line, so that
// the server's line numbers stay those of the rows.
import { t } from '../../i18n';
import { shownFields } from './fields';
import { MAX_BYTES, csvLine, slices } from './csv';
import type { Sent, Work } from './work';
import { rowValues } from './work';

/** The header is line 1. */
const FIRST_LINE = 2;

export const rowOf = (line: number): number => line - FIRST_LINE;

const KEPT_ROWS = 5_000;

export const includedCount = ({ rows, skipped }: Work): number => rows.length - skipped.length;

/** The rows that are not skipped. */
export function included({ rows, skipped }: Work): number[] {
  const left = new Set(skipped);
  return [...rows.keys()].filter((row) => !left.has(row));
}

let last: { key: readonly unknown[]; file: File } | undefined;

/** The same file again while nothing changed: a request that is repeated after a lost response must be the same. */
export async function buildFile(work: Work): Promise<File> {
  const key = [work.rows, work.targets, work.edits, work.skipped];
  if (last?.key.every((part, index) => part === key[index])) return last.file;
  const skipped = new Set(work.skipped);
  const fields = shownFields(work.targets);
  const lines = [fields.join(',')];
  const pause = slices();
  for (const row of work.rows.keys()) {
    const values = rowValues(work, row);
    lines.push(skipped.has(row) ? '' : csvLine(fields.map((field) => values[field].trim())));
    if (lines.length % 500 === 0) await pause();
  }
  const file = new File([`${lines.join('\n')}\n`], 'contacts.csv', { type: 'text/csv' });
  if (file.size > MAX_BYTES) throw new Error(t.jobs.import.problem.TOO_LARGE);
  last = { key, file };
  return file;
}

/** What is kept of the file for mending: all of a small one, of a large one only what is known to be wrong. */
export function sentRows(work: Work, wrong: ReadonlySet<number>): Sent {
  const rows = included(work);
  const kept = rows.length <= KEPT_ROWS ? rows : rows.filter((row) => wrong.has(row));
  const { invite, section, note } = work;
  return { rows: Object.fromEntries(kept.map((row) => [row + FIRST_LINE, rowValues(work, row)])), invite, section, note };
}
