// The import as it is being prepared. It is kept while the tab is open, and after a reload if it is not too large.
import { signal } from '@preact/signals';
import type { VariablesOf } from '../../api';
import { graphql, readTab, tabKey } from '../../api';
import type { Field, Target, Values } from './fields';
import { valuesOf } from './fields';

export const IMPORT = graphql(`
  mutation ImportContacts($input: ImportContactsInput!) {
    importContacts(input: $input) { bulkJob { id kind status total done failed skipped succeeded } }
  }
`);

export type Section = NonNullable<VariablesOf<typeof IMPORT>['input']['section']>;

export type Work = {
  /** The newest wins. */
  stamp: number;
  fileName: string;
  utf8: boolean;
  header: string[];
  rows: string[][];
  targets: Target[];
  /** What was typed over the file, by row. */
  edits: Partial<Record<number, Partial<Values>>>;
  skipped: number[];
  invite: boolean;
  section: Section;
  note: string;
};

const KEY = tabKey('draft.import');
const sentKey = (jobId: string) => tabKey(`import.${jobId}`);

const KEPT_CELLS = 50_000;
const SAVE_MS = 400;

export const work = signal<Work | null>(null);

function store(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or blocked: the import still works, but a reload ends it.
    sessionStorage.removeItem(key);
  }
}

/** What the page of a job or an earlier view left. */
export function restoreWork(): void {
  const kept = readTab(KEY) as Work | null;
  if (kept && kept.stamp > (work.value?.stamp ?? 0)) work.value = kept;
}

let saving: ReturnType<typeof setTimeout> | undefined;

export function setWork(next: Work | null): void {
  work.value = next;
  clearTimeout(saving);
  const keep = next && next.rows.length * next.header.length <= KEPT_CELLS;
  if (keep) saving = setTimeout(() => store(KEY, next), SAVE_MS);
  else sessionStorage.removeItem(KEY);
}

export function change(changes: Partial<Work>): void {
  if (work.value) setWork({ ...work.value, ...changes });
}

export const newWork = (from: Pick<Work, 'fileName' | 'utf8' | 'header' | 'rows' | 'targets'>): Work => ({
  ...from, stamp: Date.now(), edits: {}, skipped: [], invite: false, section: 'HOME', note: '',
});

export const rowValues = ({ rows, targets, edits }: Work, row: number): Values =>
  ({ ...valuesOf(rows[row] ?? [], targets), ...edits[row] });

export function edit(row: number, field: Field, value: string): void {
  if (work.value) change({ edits: { ...work.value.edits, [row]: { ...work.value.edits[row], [field]: value } } });
}

/** What was sent to a job, by line, for mending what failed. */
export type Sent = Pick<Work, 'invite' | 'section' | 'note'> & { rows: Partial<Record<number, Values>> };

export const keepSent = (jobId: string, sent: Sent): void => store(sentKey(jobId), sent);

export const sentTo = (jobId: string): Sent | null => readTab(sentKey(jobId)) as Sent | null;

/** Hands rows to the page of imports, which is another file. */
export const handOver = (next: Work): void => store(KEY, next);
