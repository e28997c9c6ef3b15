// The audit log as CSV, read page by page.
import { query } from '../../api';
import { guarded } from '../../csv';
import type { AuditEvent, Filter } from './documents';
import { AUDIT_PAGE } from './documents';
import type { Names } from './sentences';
import { actorOf, contactOf, sentenceOf, textOf } from './sentences';

export const MAX_ROWS = 10_000;

const BYTE_ORDER_MARK = '\uFEFF';

const COLUMNS: readonly [string, (event: AuditEvent, names: Names) => string | null][] = [
  ['at', ({ at }) => at],
  ['event', (event, names) => textOf(sentenceOf(event, names))],
  ['kind', ({ kind }) => kind],
  ['outcome', ({ outcome }) => outcome],
  ['actor', actorOf],
  ['actor_id', ({ actor }) => actor.id],
  ['contact', contactOf],
  ['contact_id', ({ contactId }) => contactId],
  ['subject_id', ({ subjectId }) => subjectId],
  ['method', ({ method }) => method],
  ['reason', ({ reason }) => reason],
  ['details', ({ details }) => details.join('; ')],
  ['ip', ({ ip }) => ip],
  ['user_agent', ({ userAgent }) => userAgent],
  ['id', ({ id }) => id],
];

/** Quoted; what a spreadsheet would take for a formula becomes text. */
const cell = (value: string | null): string => `"${guarded(value ?? '').replaceAll('"', '""')}"`;

const row = (cells: readonly (string | null)[]): string => `${cells.map(cell).join(',')}\r\n`;

/** What was read so far: after an error, `read` goes on where it stopped. */
export class Export {
  count = 0;
  /** There are more events than an export holds. */
  cut = false;
  private parts: Blob[] = [new Blob([BYTE_ORDER_MARK + row(COLUMNS.map(([name]) => name))])];
  private after: string | null = null;
  private stopped = false;

  constructor(private readonly filter: Filter, private readonly names: Names) {}

  stop(): void {
    this.stopped = true;
  }

  /** Null if it was stopped. */
  async read(progress: (count: number) => void): Promise<Blob | null> {
    for (let more = true; more && !this.isStopped();) {
      const { auditLog } = await query(AUDIT_PAGE, { filter: this.filter, after: this.after });
      if (!auditLog) break;
      const events = auditLog.nodes.slice(0, MAX_ROWS - this.count);
      this.parts.push(new Blob(events.map((event) => row(COLUMNS.map(([, value]) => value(event, this.names))))));
      this.count += events.length;
      this.after = auditLog.pageInfo.endCursor;
      this.cut = this.count >= MAX_ROWS && auditLog.pageInfo.hasNextPage;
      more = auditLog.pageInfo.hasNextPage && this.count < MAX_ROWS;
      progress(this.count);
    }
    return this.isStopped() ? null : new Blob(this.parts, { type: 'text/csv;charset=utf-8' });
  }

  private isStopped(): boolean {
    return this.stopped;
  }
}

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
