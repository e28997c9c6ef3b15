import { useId, useRef, useState } from 'preact/hooks';
import { Banner, Button, Icon } from '../../components';
import { t } from '../../i18n';
import { csvLine, saveFile } from './csv';
import { FIELDS } from './fields';
import { chosenText, problemText, readWork, readingText } from './read';
import { StepFoot, goTo } from './steps';
import { setWork, work } from './work';

function useReading() {
  const [reading, setReading] = useState<number>();
  const [error, setError] = useState<string>();
  const turn = useRef(0);
  const read = async (file: File) => {
    turn.current += 1;
    const mine = turn.current;
    setError(undefined);
    setReading(0);
    try {
      const next = await readWork(file, (rows) => mine === turn.current && setReading(rows));
      if (mine !== turn.current) return;
      setWork(next);
      goTo('columns');
    } catch (failure) {
      if (mine === turn.current) setError(problemText(failure));
    } finally {
      if (mine === turn.current) setReading(undefined);
    }
  };
  return { reading, error, read };
}

type DropZoneProps = { label: string; busy: boolean; describedBy: string | undefined; onFile: (file: File) => unknown };

function DropZone({ label, busy, describedBy, onFile }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const id = useId();
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file && !busy) void onFile(file);
  };
  return (
    <div class="import-drop" data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}>
      <Icon name="upload" />
      <label for={id}>{label}</label>
      <span class="hint" id={`${id}-hint`}>{t.jobs.import.dropHint}</span>
      <input id={id} type="file" accept=".csv,.tsv,.txt,text/csv,text/plain" aria-describedby={[`${id}-hint`, describedBy].filter(Boolean).join(' ')}
        aria-invalid={describedBy ? true : undefined}
        onChange={(event) => {
          take(event.currentTarget.files);
          // Choosing the same file again, once it is corrected, is a change too.
          event.currentTarget.value = '';
        }} />
    </div>
  );
}

export function FileStep() {
  const { reading, error, read } = useReading();
  const errorId = useId();
  const words = t.jobs.import;
  const now = work.value;
  return (
    <>
      {error && <div id={errorId}><Banner tone="bad">{error}</Banner></div>}
      {now && reading === undefined && (
        <p class="import-chosen"><Icon name="check" /><bdi>{chosenText(now)}</bdi></p>
      )}
      <DropZone label={now ? words.other : words.drop} busy={reading !== undefined} describedBy={error && errorId} onFile={read} />
      <p class="hint" role="status">{reading === undefined ? '' : readingText(reading)}</p>
      <StepFoot next="columns" disabled={!now}>
        <Button kind="plain" icon="download" onClick={() => saveFile('contacts.csv', [csvLine(FIELDS)])}>{words.template}</Button>
      </StepFoot>
    </>
  );
}
