import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Findings } from './check';
import { checkRows } from './check';
import type { Work } from './work';

const findings = signal<Findings | undefined>(undefined);
const checking = signal(false);

const PAUSE_MS = 800;
/** Larger files are checked again when asked for. */
const AT_ONCE = 5_000;

let turn = 0;

async function run(now: Work): Promise<void> {
  turn += 1;
  const mine = turn;
  checking.value = true;
  const found = await checkRows(now);
  if (mine !== turn) return;
  findings.value = found;
  checking.value = false;
}

const sameRows = (one: Work, other: Work) =>
  one.rows === other.rows && one.targets === other.targets && one.edits === other.edits && one.skipped === other.skipped;

/** What is wrong, renewed soon after the rows changed; for a large file, if `always`. */
export function useChecks(now: Work, { always = false } = {}) {
  const found = findings.value?.of.rows === now.rows ? findings.value : undefined;
  const current = found !== undefined && sameRows(found.of, now);
  useEffect(() => {
    if (current) return;
    if (!found || found.of.targets !== now.targets) {
      void run(now);
      return;
    }
    if (now.rows.length > AT_ONCE && !always) return;
    const timer = setTimeout(() => void run(now), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [now.rows, now.targets, now.edits, now.skipped]);
  return { findings: found, current, checking: checking.value, check: () => void run(now) };
}
