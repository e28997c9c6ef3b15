import type { DryRun } from '../../actions/dry_run';
import { Status } from '../../components';
import { t } from '../../i18n';
import type { Sent } from './documents';

/** How many get it, and how many don't, by the reason. */
export const Reach = ({ dryRun: { outcome, running }, will }: { dryRun: DryRun<Sent>; will: (count: number) => string }) => (
  <div class="dry-run" role="status">
    {running && <span class="hint">{t.actions.checking}</span>}
    {outcome && <Status tone={outcome.count ? 'good' : 'none'}>{will(outcome.count)}</Status>}
    {outcome?.skippedCounts.map(({ reason, count }) => <Status key={reason} tone="warn">{t.actions.skipCount[reason](count)}</Status>)}
  </div>
);
