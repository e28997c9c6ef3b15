// The way of one contact through a flow: what happened at each step, or what would.
import { Icon, Marked, Status, Time } from '../../components';
import type { Tone } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import type { Outcome, Run, TestStep } from './documents';

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
  messageId: string | null;
};

export type Way = ReadonlyMap<string, WayStep>;

const BRANCHES: Partial<Record<Outcome, 'yes' | 'no'>> = { MATCHED: 'yes', NOT_MATCHED: 'no', TIMED_OUT: 'no' };

const branchOf = (outcome: Outcome | null) => (outcome ? (BRANCHES[outcome] ?? null) : null);

export const wayOfTest = (steps: readonly TestStep[]): Way => new Map(steps.map(({ key, outcome, at, reason, subject, text }) => [key, {
  outcome, at, reason, branch: branchOf(outcome), visits: steps.filter((step) => step.key === key).length, subject, text, messageId: null,
}]));

/** A step that was visited again has what happened last. */
export const wayOfRun = ({ steps }: Run): Way => new Map(steps.map(({ key, outcome, enteredAt, doneAt, reason, visit, message }) => [key, {
  outcome, at: doneAt ?? enteredAt, reason, branch: branchOf(outcome), visits: visit, subject: null, text: null, messageId: message?.id ?? null,
}]));

const TONES: Record<Outcome, Tone> = { DONE: 'good', FAILED: 'bad', MATCHED: 'good', NOT_MATCHED: 'none', SKIPPED: 'warn', TIMED_OUT: 'none', WAITED: 'good' };

/** A code of the API in words; what it says in words itself stays. */
export const reasonText = (reason: string): string =>
  (t.workflowRuns.reason as Partial<Record<string, string>>)[reason] ?? (t.words.skipReason as Partial<Record<string, string>>)[reason] ?? reason;

export const WayState = ({ state: { outcome, at, reason, visits, subject, text, messageId } }: { state: WayStep }) => (
  <div class="flow-state">
    <Status tone={outcome ? TONES[outcome] : 'busy'}>{outcome ? t.workflowRuns.outcome[outcome] : t.workflowRuns.waitsHere}</Status>
    <span class="hint"><Time at={at} style="full" />{visits > 1 && ` · ${t.workflowRuns.visits(visits)}`}</span>
    {reason && <p dir="auto"><Marked text={reasonText(reason)} /></p>}
    {(subject ?? text) && <p class="flow-quote" dir="auto">{subject ?? text}</p>}
    {messageId && <a href={link(`messages/${messageId}`)}><Icon name="mail" /> {t.workflowRuns.openMessage}</a>}
  </div>
);
