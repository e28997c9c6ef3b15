// A file that was chosen becomes an import that can be prepared.
import { t } from '../../i18n';
import { FileProblem, decode, readRows } from './csv';
import { guessTargets } from './fields';
import type { Work } from './work';
import { newWork } from './work';

const LOOKED_AT = 100;

const columnCount = (rows: readonly string[][]): number => rows.slice(0, LOOKED_AT).reduce((most, { length }) => Math.max(most, length), 0);

/** The names of the columns. A first row with an address is a contact already. */
function splitHeader(rows: string[][]): { header: string[]; rows: string[][] } {
  const [first = [], ...others] = rows;
  const named = !first.some((cell) => cell.includes('@'));
  const header = Array.from({ length: columnCount(rows) }, (_, column) =>
    (named && first[column]) || t.jobs.import.columnName(column + 1));
  return { header, rows: named ? others : rows };
}

export async function readWork(file: File, onProgress: (rows: number) => void): Promise<Work> {
  const { text, utf8 } = await decode(file);
  const { header, rows } = splitHeader(await readRows(text, onProgress));
  if (!rows.some((row) => row.some((cell) => cell.includes('@')))) throw new FileProblem('NO_ADDRESS');
  return newWork({ fileName: file.name, utf8, header, rows, targets: guessTargets(header, rows) });
}

export const problemText = (error: unknown): string =>
  t.jobs.import.problem[error instanceof FileProblem ? error.code : 'UNREADABLE'];

export const chosenText = ({ fileName, rows }: Work): string => t.jobs.import.chosen(fileName, rows.length);

export const readingText = (rows: number): string => (rows ? t.jobs.import.reading(rows) : `${t.common.loading}…`);
