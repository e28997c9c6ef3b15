import { Status } from '../components';
import { t } from '../i18n';
import type { DryRun } from './dry_run';
import type { SkipReason, Skipped } from './outcome';

const ORDER: readonly SkipReason[] = [
  'ALREADY_INVITED', 'ALREADY_ACTIVE', 'REVOKED', 'SUPPRESSED', 'NO_EMAIL', 'NOT_FOUND', 'INVALID_EMAIL', 'DUPLICATE',
  'ALREADY_REVOKED', 'NOT_REVOKED', 'TOO_MANY_TAGS', 'NO_PHONE', 'INVALID_PHONE', 'UNSUBSCRIBED',
];

export const byReason = (skipped: readonly Skipped[]): { reason: SkipReason; group: Skipped[] }[] =>
  ORDER.map((reason) => ({ reason, group: skipped.filter((one) => one.reason === reason) })).filter(({ group }) => group.length > 0);

/** The server names at most this many of those that a filter finds. */
const MOST_SKIPPED = 100;

type DryRunViewProps = { dryRun: DryRun; will: (count: number) => string; filtered: boolean; none?: string };

/** What would happen: how many get the email, and how many are skipped for which reason. */
export function DryRunView({ dryRun: { outcome, running }, will, filtered, none }: DryRunViewProps) {
  const capped = filtered && (outcome?.skipped.length ?? 0) >= MOST_SKIPPED;
  return (
    <div class="dry-run" role="status">
      {running && <span class="hint">{t.actions.checking}</span>}
      {outcome && <Status tone={outcome.count ? 'good' : 'none'}>{will(outcome.count)}</Status>}
      {capped && <Status tone="warn">{t.actions.manySkipped(MOST_SKIPPED)}</Status>}
      {outcome && !capped && byReason(outcome.skipped).map(({ reason, group }) => (
        <Status key={reason} tone="warn">{t.actions.skipCount[reason](group.length)}</Status>
      ))}
      {outcome?.count === 0 && outcome.skipped.length > 0 && <p class="hint">{none ?? t.actions.continueHint}</p>}
    </div>
  );
}
