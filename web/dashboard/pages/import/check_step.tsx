import { useState } from 'preact/hooks';
import { Banner, Button, ErrorNotice, Tabs } from '../../components';
import { number, t } from '../../i18n';
import type { Findings } from './check';
import { isWrong, problemsNow } from './check';
import { shownFields } from './fields';
import { includedCount } from './file';
import { RowEditor } from './row_editor';
import { StepFoot } from './steps';
import { useChecks } from './use_checks';
import type { Work } from './work';

const PAGE = 50;

type Show = 'all' | 'problems' | 'skipped';

function Verdict({ now, checks }: { now: Work; checks: ReturnType<typeof useChecks> }) {
  const words = t.jobs.import;
  const { findings, checking, current, check } = checks;
  const again = <Button kind="quiet" size="small" icon="refresh" busy={checking} onClick={check}>{words.again}</Button>;
  if (!findings) return <p class="hint" role="status">{words.checking}…</p>;
  if (findings.error !== undefined) return <ErrorNotice error={findings.error} retry={check} />;
  const ready = includedCount(now) - findings.invalid;
  return (
    <Banner tone={findings.invalid ? 'warn' : 'info'} action={!current || findings.unlisted ? again : undefined}>
      {findings.invalid ? words.invalid(findings.invalid) : words.allFine(ready)}
      {findings.unlisted && ` ${words.firstOnly}`}
    </Banner>
  );
}

/** Rows stay in the list while they are mended, until the next check. */
function rowsToShow(show: Show, now: Work, findings: Findings | undefined, most: number): number[] {
  if (show === 'skipped') return now.skipped;
  if (show === 'all') return Array.from({ length: Math.min(now.rows.length, most) }, (_, row) => row);
  return [...(findings?.problems.keys() ?? [])].sort((one, other) => one - other);
}

function Rows({ show, now, findings }: { show: Show; now: Work; findings: Findings | undefined }) {
  const [count, setCount] = useState(PAGE);
  const rows = rowsToShow(show, now, findings, count + 1);
  const words = t.jobs.import;
  const fields = shownFields(now.targets);
  if (!rows.length) return <p class="hint import-none">{words.noneShown}</p>;
  return (
    <>
      <div class="import-scroll" role="region" tabIndex={0} aria-label={words.rows}>
        <table class="import-rows" aria-label={words.rows}>
          <thead>
            <tr>
              <th scope="col">{words.row}</th>
              {fields.map((field) => <th key={field} scope="col">{words.field[field]}</th>)}
              <th scope="col"><span class="unseen">{t.components.actions}</span></th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, count).map((row) => (
              <RowEditor key={row} now={now} row={row} fields={fields} problems={problemsNow(findings, now, row)} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > count && <Button kind="quiet" size="small" onClick={() => setCount(count + PAGE)}>{words.more}</Button>}
    </>
  );
}

export function CheckStep({ now }: { now: Work }) {
  const checks = useChecks(now);
  const words = t.jobs.import;
  const [chosen, setChosen] = useState<Show>();
  const { findings } = checks;
  const hasProblems = [...(findings?.problems.values() ?? [])].some(isWrong);
  const show = chosen ?? (hasProblems ? 'problems' : 'all');
  const tabs = [
    { id: 'all' as const, label: words.allRows, count: now.rows.length },
    { id: 'problems' as const, label: words.problems, ...(findings && { count: findings.problems.size }) },
    { id: 'skipped' as const, label: words.skippedRows, count: now.skipped.length },
  ];
  return (
    <>
      <Verdict now={now} checks={checks} />
      <Tabs label={words.show} tabs={tabs} current={show} onChange={setChosen} />
      <div class="import-panel" role="tabpanel" aria-label={tabs.find(({ id }) => id === show)?.label}>
        <Rows key={show} show={show} now={now} findings={findings} />
      </div>
      <p class="unseen" role="status">{checks.checking ? words.checking : findings ? `${words.problems}: ${number(findings.problems.size)}` : ''}</p>
      <StepFoot back="columns" next="start" />
    </>
  );
}
