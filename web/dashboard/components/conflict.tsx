import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from './button';
import { RadioGroup } from './choice';
import { Dialog } from './dialog';
import { Time } from './time';

type Side = 'mine' | 'theirs';

export type ConflictField = {
  name: string;
  label: string;
  /** What each side wrote, as text. */
  mine: string;
  theirs: string;
  /** Only the others changed it. */
  untouched: boolean;
};

type ConflictProps = {
  title: string;
  /** When the others saved. */
  at: string;
  fields: readonly ConflictField[];
  onClose: () => void;
  /** `kept`: the fields in which one's own value wins. */
  onResolve: (kept: string[]) => void;
};

/** Two people changed the same thing at once: says of each field what both wrote, and keeps what is chosen. */
export function Conflict({ title, at, fields, onClose, onResolve }: ConflictProps) {
  const [sides, setSides] = useState<Record<string, Side>>({});
  const sideOf = ({ name, untouched }: ConflictField): Side => sides[name] ?? (untouched ? 'theirs' : 'mine');
  const resolve = () => onResolve(fields.filter((field) => sideOf(field) === 'mine').map(({ name }) => name));
  return (
    <Dialog open onClose={onClose} title={title} size="wide" dirty form={{ onSubmit: resolve }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.contact.keepEditing}</Button>
        <Button type="submit">{t.contact.saveChosen}</Button>
      </>
    }>
      <p>{t.contact.conflictText} <span class="hint"><Time at={at} /></span></p>
      <div class="conflict">
        {fields.map((field) => (
          <RadioGroup key={field.name} label={field.label} value={sideOf(field)} onChange={(side) => setSides({ ...sides, [field.name]: side })}
            options={[
              { value: 'mine', label: t.contact.keepMine, hint: field.mine },
              { value: 'theirs', label: t.contact.takeTheirs, hint: field.theirs },
            ]} />
        ))}
        {!fields.length && <p>{t.contact.sameChanges}</p>}
      </div>
    </Dialog>
  );
}
