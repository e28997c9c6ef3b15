import { useEffect, useRef } from 'preact/hooks';
import { boot } from '../api';
import { t } from '../i18n';
import { JobProgress } from './job_progress';
import type { Outcome } from './outcome';
import { SkippedGroups } from './skipped_groups';

type ResultViewProps = {
  outcome: Outcome;
  words: { done: (count: number) => string; none: string; jobStarted: (count: number) => string };
  /** The recipients get emails. */
  sends: boolean;
  onMend: (emails: string[]) => void;
  onLeave: () => void;
};

/** What became of the recipients. Its heading gets the focus, so that a screen reader says it. */
export function ResultView({ outcome: { count, skipped, jobs }, words, sends, onMend, onLeave }: ResultViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const title = jobs.length ? words.jobStarted(count) : count ? words.done(count) : words.none;
  const hint = jobs.length ? t.actions.job.title : count && sends ? (boot.keepsMail ? t.actions.emailsKept : t.actions.emailsQueued) : '';
  return (
    <div class="action-result">
      <h3 class="action-result-title" tabIndex={-1} ref={heading}>{title}</h3>
      {hint && <p class="hint">{hint}</p>}
      {jobs.map((id) => <JobProgress key={id} id={id} onLeave={onLeave} />)}
      <SkippedGroups skipped={skipped} onMend={onMend} onLeave={onLeave} />
    </div>
  );
}
