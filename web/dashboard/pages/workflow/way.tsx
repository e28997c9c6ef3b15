// The way of one contact through a flow: what happened at each step, or what would.
import { Icon, Marked, Status, Time } from '../../components';
import type { Tone } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { TONES as DELIVERY_TONES } from '../messages/delivery';
import type { Outcome, Run, TestStep } from './documents';
import type { Kind } from './steps';

type Sent = NonNullable<Run['steps'][number]['message']>;

export type WayStep = {
  /** Null while the run waits here. */
  outcome: Outcome | null;
  at: string;
  reason: string | null;
  branch: 'yes' | 'no' | null;
  /** How often it came here. */
  visits: number;
  subject: string | null;
  text: string | null;
  /** What the step sent, as it is now. */
  message: Sent | null;
  /** Of a test: nothing happened. `until`: when a wait would be over. */
  would?: { until: string | null };
};

export type Way = ReadonlyMap<string, WayStep>;

const BRANCHES: Partial<Record<Outcome, 'yes' | 'no'>> = { MATCHED: 'yes', NOT_MATCHED: 'no', TIMED_OUT: 'no' };

const branchOf = (outcome: Outcome | null) => (outcome ? (BRANCHES[outcome] ?? null) : null);

export const wayOfTest = (steps: readonly TestStep[]): Way => new Map(steps.map(({ key, outcome, at, reason, subject, text }, index) => [key, {
  outcome, at, reason, branch: branchOf(outcome), visits: steps.filter((step) => step.key === key).length, subject, text, message: null,
  // The next step begins when it is over.
  would: { until: steps[index + 1]?.at ?? null },
}]));

/** A step that was visited again has what happened last. */
export const wayOfRun = ({ steps }: Run): Way => new Map(steps.map(({ key, outcome, enteredAt, doneAt, reason, visit, message }) => [key, {
  outcome, at: doneAt ?? enteredAt, reason, branch: branchOf(outcome), visits: visit, subject: null, text: null, message,
}]));

const TONES: Record<Outcome, Tone> = { DONE: 'good', FAILED: 'bad', MATCHED: 'good', NOT_MATCHED: 'none', SKIPPED: 'warn', TIMED_OUT: 'none', WAITED: 'good' };

/** A code of the API in words; what it says in words itself stays. */
export const reasonText = (reason: string): string =>
  (t.workflowRuns.reason as Partial<Record<string, string>>)[reason] ?? (t.words.skipReason as Partial<Record<string, string>>)[reason] ?? reason;

function wouldText(outcome: Outcome, kind: Kind | undefined): string {
  const does = outcome === 'DONE' && kind ? (t.workflowRuns.wouldDo as Partial<Record<Kind, string>>)[kind] : undefined;
  return does ?? t.workflowRuns.would[outcome];
}

/** What would happen, and when. */
function Would({ outcome, at, until, kind }: { outcome: Outcome; at: string; until: string | null; kind: Kind | undefined }) {
  const waits = outcome === 'WAITED' || outcome === 'TIMED_OUT';
  const bad = outcome === 'FAILED' || outcome === 'SKIPPED';
  return (
    <>
      <Status tone={bad ? TONES[outcome] : 'none'}>
        <span>{waits && !until ? t.workflowRuns.wouldWait : wouldText(outcome, kind)}{waits && until && <> <Time at={until} style="full" /></>}</span>
      </Status>
      {!waits && <span class="hint"><Time at={at} style="full" /></span>}
    </>
  );
}

/** A message that was queued is not delivered yet: its own state counts. */
const Happened = ({ outcome, message }: Pick<WayStep, 'outcome' | 'message'>) => {
  if (message && outcome === 'DONE') return <Status tone={DELIVERY_TONES[message.status]}>{t.words.messageStatus[message.status]}</Status>;
  return <Status tone={outcome ? TONES[outcome] : 'busy'}>{outcome ? t.workflowRuns.outcome[outcome] : t.workflowRuns.waitsHere}</Status>;
};

export const WayState = ({ state, kind }: { state: WayStep; kind?: Kind }) => {
  const { outcome, at, reason, visits, subject, text, message, would } = state;
  const visited = visits > 1 && t.workflowRuns.visits(visits);
  return (
    <div class="flow-state">
      {would && outcome
        ? <><Would outcome={outcome} at={at} until={would.until} kind={kind} />{visited && <span class="hint">{visited}</span>}</>
        : <><Happened outcome={outcome} message={message} /><span class="hint"><Time at={at} style="full" />{visited && ` · ${visited}`}</span></>}
      {reason && <p dir="auto"><Marked text={reasonText(reason)} /></p>}
      {message?.lastError && <p class="hint" dir="auto"><Marked text={message.lastError} /></p>}
      {(subject ?? text) && <p class="flow-quote" dir="auto">{subject ?? text}</p>}
      {message && <a href={link(`messages/${message.id}`)}><Icon name="mail" /> {t.workflowRuns.openMessage}</a>}
    </div>
  );
};
