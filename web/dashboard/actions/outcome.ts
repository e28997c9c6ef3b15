// What became of the recipients of an action.
import { ApiError } from '../api';
import type { Strings } from '../i18n';
import { t } from '../i18n';

export type SkipReason = keyof Strings['words']['skipReason'];

export type Skipped = { contactId: string | null; email: string | null; reason: SkipReason };

/** `jobs` do the rest; while there are any, `count` and `skipped` are theirs to say. */
export type Outcome = { count: number; skipped: Skipped[]; jobs: string[] };

export const NOTHING: Outcome = { count: 0, skipped: [], jobs: [] };

export type Payload = { count: number; skipped: readonly Skipped[]; bulkJob: { id: string } | null };

export const addPayload = (outcome: Outcome, { count, skipped, bulkJob }: Payload): Outcome => ({
  count: outcome.count + count,
  skipped: [...outcome.skipped, ...skipped],
  jobs: bulkJob ? [...outcome.jobs, bulkJob.id] : outcome.jobs,
});

/** The payload of a mutation, which is null only beside an error. */
export function required<Payload>(payload: Payload | null | undefined): Payload {
  if (payload === null || payload === undefined) throw new ApiError(t.common.unreachable, 'INTERNAL');
  return payload;
}
