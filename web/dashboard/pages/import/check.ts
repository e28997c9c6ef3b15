// What is wrong with the rows: at once by the browser, and for the whole file by the server, which changes nothing.
import { graphql, mutate } from '../../api';
import { t } from '../../i18n';
import { slices } from './csv';
import type { Field, Values } from './fields';
import { FIELDS } from './fields';
import { buildFile, included, includedCount, rowOf } from './file';
import type { Work } from './work';
import { rowValues } from './work';

const CHECK = graphql(`
  mutation CheckImport($input: CheckImportInput!) {
    checkImport(input: $input) { rowCount invalidCount problems { line column message } }
  }
`);

export type Problem = { field: Field | null; message: string; warning?: boolean };

export type Findings = {
  /** What was checked. */
  of: Work;
  problems: ReadonlyMap<number, Problem[]>;
  /** The rows that would not be imported; the server lists the first 100. */
  invalid: number;
  unlisted: boolean;
  /** The server could not check. */
  error?: unknown;
};

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

function rowProblems({ email, timezone }: Values): Problem[] {
  const words = t.jobs.import;
  const problems: Problem[] = [];
  if (!email.trim()) problems.push({ field: 'email', message: words.emailMissing });
  else if (!ADDRESS.test(email.trim())) problems.push({ field: 'email', message: words.emailWrong });
  if (timezone.trim() && !isTimezone(timezone.trim())) problems.push({ field: 'timezone', message: words.timezoneWrong });
  return problems;
}

async function checkHere(work: Work): Promise<Map<number, Problem[]>> {
  const found = new Map<number, Problem[]>();
  const seen = new Map<string, number>();
  const pause = slices();
  for (const row of included(work)) {
    const values = rowValues(work, row);
    const problems = rowProblems(values);
    const address = values.email.trim().toLowerCase();
    const before = seen.get(address);
    if (before !== undefined) problems.push({ field: 'email', message: t.jobs.import.duplicate(before + 1), warning: true });
    else if (address) seen.set(address, row);
    if (problems.length) found.set(row, problems);
    if (row % 500 === 0) await pause();
  }
  return found;
}

const isField = (name: string | null): name is Field => FIELDS.some((field) => field === name);

async function checkThere(work: Work, found: Map<number, Problem[]>): Promise<number> {
  const checked = (await mutate(CHECK, { input: { csv: await buildFile(work) } })).checkImport;
  for (const { line, column, message } of checked?.problems ?? []) {
    const row = rowOf(line);
    const field = isField(column) ? column : null;
    const known = found.get(row) ?? [];
    // Ours are in the language of the page.
    const errors = known.filter(({ warning }) => !warning);
    if (errors.some((problem) => problem.field === field) || (!field && errors.length)) continue;
    found.set(row, [...known, { field, message }]);
  }
  return checked?.invalidCount ?? 0;
}

export const isWrong = (problems: readonly Problem[] | undefined): boolean => problems?.some(({ warning }) => !warning) ?? false;

export async function checkRows(work: Work): Promise<Findings> {
  const problems = await checkHere(work);
  let error: unknown;
  let invalid = 0;
  if (includedCount(work)) {
    try {
      invalid = await checkThere(work, problems);
    } catch (failure) {
      error = failure;
    }
  }
  const listed = [...problems.values()].filter(isWrong).length;
  // The browser knows no more than the server, unless the server could not be asked.
  if (error !== undefined) invalid = listed;
  return { of: work, problems, invalid, unlisted: invalid > listed, error };
}

/** Those of a row now: what was typed since the check is judged at once. */
export const problemsNow = (findings: Findings | undefined, work: Work, row: number): readonly Problem[] =>
  findings && findings.of.edits[row] === work.edits[row] && findings.of.targets === work.targets
    ? (findings.problems.get(row) ?? [])
    : rowProblems(rowValues(work, row));
