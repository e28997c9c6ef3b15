import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { Banner, Button, ErrorNotice, SelectField, SwitchField, TextField } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Findings } from './check';
import { isWrong } from './check';
import { buildFile, includedCount, sentRows } from './file';
import { StepFoot } from './steps';
import { useChecks } from './use_checks';
import type { Section, Work } from './work';
import { IMPORT, change, keepSent, setWork } from './work';

const NOTE_LENGTH = 1_000;

async function start(now: Work, findings: Findings | undefined): Promise<void> {
  const options = now.invite ? { invite: true, section: now.section, note: now.note.trim() || null } : {};
  const job = (await mutate(IMPORT, { input: { csv: await buildFile(now), ...options } })).importContacts?.bulkJob;
  if (!job) return;
  const wrong = new Set([...(findings?.problems ?? [])].filter(([, problems]) => isWrong(problems)).map(([row]) => row));
  keepSent(job.id, sentRows(now, wrong));
  setWork(null);
  navigate(link(`jobs/${job.id}`), { replace: true });
}

function Summary({ now, findings }: { now: Work; findings: Findings | undefined }) {
  const words = t.jobs.import;
  const invalid = findings?.invalid ?? 0;
  const count = includedCount(now) - invalid;
  return (
    <div class="import-summary">
      <p><strong>{words.summary(count)}</strong> {words.existing}</p>
      {invalid > 0 && <Banner tone="warn">{words.summaryInvalid(invalid)}</Banner>}
      {now.skipped.length > 0 && <p class="hint">{words.summarySkipped(now.skipped.length)}</p>}
    </div>
  );
}

function Invitation({ now, noteError }: { now: Work; noteError: string | undefined }) {
  const words = t.jobs.import;
  const sections = Object.entries(t.words.section).map(([value, label]) => ({ value: value as Section, label }));
  return (
    <div class="import-options">
      <SwitchField label={words.invite} hint={words.inviteHint} checked={now.invite} onChange={(invite) => change({ invite })} />
      {now.invite && (
        <>
          <SelectField label={words.section} value={now.section} options={sections} onChange={(section) => change({ section })} />
          <TextField label={words.note} hint={words.noteHint} value={now.note} multiline={4} maxLength={NOTE_LENGTH} optional
            {...(noteError && { error: noteError })} onInput={(note) => change({ note })} />
        </>
      )}
    </div>
  );
}

export function StartStep({ now }: { now: Work }) {
  const { findings } = useChecks(now, { always: true });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const words = t.jobs.import;
  const count = includedCount(now) - (findings?.invalid ?? 0);
  const ofNote = error instanceof ApiError && error.input === 'note' ? error.message : undefined;
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await start(now, findings);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <>
      {count > 0 ? <Summary now={now} findings={findings} /> : <Banner tone="warn">{words.nothing}</Banner>}
      <Invitation now={now} noteError={ofNote} />
      {error !== undefined && !ofNote && <ErrorNotice error={error} />}
      <StepFoot back="check">
        <Button class="import-next" icon="upload" busy={busy} disabled={count <= 0} onClick={() => void run()}>
          {now.invite ? words.startAndInvite(count) : words.start(count)}
        </Button>
      </StepFoot>
    </>
  );
}
