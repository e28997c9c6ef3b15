import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Button } from '../button';
import { fileRecipients, recipients } from './recipients';

const MAX_BYTES = 10 * 1024 * 1024;

type DropZoneProps = { onTexts: (texts: string[]) => void; children: ComponentChildren };

/** Takes lists that are dropped or chosen: text, `.txt` and `.csv`. */
export function DropZone({ onTexts, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState('');
  const chooser = useRef<HTMLInputElement>(null);

  const read = async (files: readonly File[]) => {
    setProblem('');
    for (const file of files) {
      if (!/\.(txt|csv|tsv)$/i.test(file.name)) setProblem(t.components.picker.fileKind(file.name));
      else if (file.size > MAX_BYTES) setProblem(t.components.picker.fileTooLarge(file.name));
      else onTexts(fileRecipients((await file.text()).replace(/^\uFEFF/, '')));
    }
  };
  return (
    <div class="drop-zone" data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length) void read(files);
        else onTexts(recipients(event.dataTransfer?.getData('text/plain') ?? ''));
      }}>
      {children}
      <div class="drop-zone-foot">
        <p class="hint">{over ? t.components.picker.dropHere : t.components.picker.hint}</p>
        <Button kind="plain" size="small" icon="upload" onClick={() => chooser.current?.click()}>{t.components.picker.chooseFile}</Button>
        <input ref={chooser} type="file" hidden multiple accept=".txt,.csv,.tsv,text/plain,text/csv" onChange={(event) => {
          void read([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }} />
      </div>
      {problem && <p class="error" role="alert">{problem}</p>}
    </div>
  );
}
