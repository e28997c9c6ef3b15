// The rows of a job that failed: as a file with their reasons, or once more as an import.
import { query } from '../../api';
import { guarded } from '../../csv';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { csvLine, saveFile } from '../import/csv';
import type { Values } from '../import/fields';
import { FIELDS } from '../import/fields';
import { handOver, newWork, sentTo } from '../import/work';
import type { Item, Job } from './job';
import { ITEMS, reasonOf } from './job';

const MOST = 10_000;

type Failed = { values: Partial<Values>; reason: string };

async function readFailed(job: Job): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | null = null; items.length < MOST; ) {
    const page: Pages = (await query(ITEMS, { id: job.id, outcome: 'FAILED', after })).bulkJob?.items;
    items.push(...(page?.nodes ?? []));
    if (!page?.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  return items;
}

type Pages = { readonly nodes: readonly Item[]; readonly pageInfo: { hasNextPage: boolean; endCursor: string | null } } | undefined;

/** With all that was sent, if this tab still has it; else with their addresses. */
async function failedRows(job: Job): Promise<Failed[]> {
  const sent = sentTo(job.id);
  return (await readFailed(job)).map((item) => ({
    values: (item.line !== null && sent?.rows[item.line]) || { email: item.email ?? item.contact?.email ?? '' },
    reason: reasonOf(item, t.words.skipReason),
  }));
}

const cells = ({ values }: Failed): string[] => FIELDS.map((field) => values[field] ?? '');

export async function downloadFailed(job: Job): Promise<void> {
  const rows = await failedRows(job);
  const lines = rows.map((row) => csvLine([...cells(row), row.reason].map(guarded)));
  saveFile(`${t.jobs.fileName}.csv`, [csvLine([...FIELDS, 'reason']), ...lines]);
}

/** Opens the page of imports with just those rows. */
export async function mendFailed(job: Job): Promise<void> {
  const rows = (await failedRows(job)).map(cells);
  const used = FIELDS.map((_, column) => column === 0 || rows.some((row) => row[column]));
  const targets = FIELDS.filter((_, column) => used[column]);
  const { invite = false, section = 'HOME' as const, note = '' } = sentTo(job.id) ?? {};
  const next = newWork({
    fileName: t.jobs.import.mended, utf8: true, header: targets.map((field) => t.jobs.import.field[field]), targets: [...targets],
    rows: rows.map((row) => row.filter((_, column) => used[column])),
  });
  handOver({ ...next, invite, section, note });
  navigate(link('import', { step: 'check' }));
}

export const hasSentRows = (job: Job): boolean => sentTo(job.id) !== null;
