import { useState } from 'preact/hooks';
import { Button, Dialog, RadioGroup, Time } from '../../components';
import { t } from '../../i18n';
import type { FieldName, Values } from './fields';
import { labelOf, localeName } from './fields';
import type { Snapshot } from './saving';
import { differing, valuesOf } from './saving';

type Side = 'mine' | 'theirs';

type ConflictProps = {
  base: Snapshot;
  mine: Values;
  theirs: Snapshot;
  onClose: () => void;
  onResolve: (latest: Snapshot, chosen: Values) => void;
};

function shown(name: FieldName, values: Values): string {
  const value = values[name];
  if (typeof value !== 'string') return value.join(', ') || t.common.none;
  return (name === 'locale' && value ? localeName(value) : value) || t.common.none;
}

/** The contact was changed by two people at once: says of each field what both wrote, and saves what is chosen. */
export function Conflict({ base, mine, theirs, onClose, onResolve }: ConflictProps) {
  const before = valuesOf(base);
  const other = valuesOf(theirs);
  const fields = differing(mine, other);
  const untouched = new Set(fields.filter((name) => !differing(before, mine).includes(name)));
  const [sides, setSides] = useState<Partial<Record<FieldName, Side>>>({});
  const sideOf = (name: FieldName): Side => sides[name] ?? (untouched.has(name) ? 'theirs' : 'mine');
  const resolve = () => {
    const kept = fields.filter((name) => sideOf(name) === 'mine').map((name) => [name, mine[name]]);
    onResolve(theirs, { ...other, ...(Object.fromEntries(kept) as Partial<Values>) });
  };
  return (
    <Dialog open onClose={onClose} title={t.contact.conflictTitle} size="wide" dirty form={{ onSubmit: resolve }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.contact.keepEditing}</Button>
        <Button type="submit">{t.contact.saveChosen}</Button>
      </>
    }>
      <p>{t.contact.conflictText} <span class="hint"><Time at={theirs.updatedAt} /></span></p>
      <div class="contact-conflict">
        {fields.map((name) => (
          <RadioGroup key={name} label={labelOf(name)} value={sideOf(name)} onChange={(side) => setSides({ ...sides, [name]: side })}
            options={[
              { value: 'mine', label: t.contact.keepMine, hint: shown(name, mine) },
              { value: 'theirs', label: t.contact.takeTheirs, hint: shown(name, other) },
            ]} />
        ))}
        {!fields.length && <p>{t.contact.sameChanges}</p>}
      </div>
    </Dialog>
  );
}
