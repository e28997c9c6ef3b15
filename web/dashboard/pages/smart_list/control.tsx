// The field of a condition.
import { useState } from 'preact/hooks';
import { CheckField, Marked, SelectField, TextField } from '../../components';
import { ItemPicker } from '../../components/content/item_picker';
import type { ContentStatus } from '../../components/content/items';
import { momentOf, useZone, wallTime } from '../../components/content/zone';
import { t } from '../../i18n';
import { STATUSES } from '../contacts/state';
import { TagsField } from '../contact/tags_field';
import type { ConditionName, Progress, Value } from './conditions';
import { ITEMS } from './conditions';

/** An archived item can't be a condition. */
const USABLE: readonly ContentStatus[] = ['PUBLISHED', 'DRAFT'];

const PROGRESS: readonly Progress['progress'][] = ['NOT_STARTED', 'STARTED', 'COMPLETED'];

const MAX_SEARCH = 200;

export type ControlProps = {
  name: ConditionName;
  value: Value;
  onChange: (value: Value) => void;
  tags: readonly string[];
  error: string | undefined;
};

export function Control({ name, value, onChange, tags, error }: ControlProps) {
  const label = t.smartLists.condition[name];
  const kind = ITEMS[name];
  if (name === 'portalStatus') return <Statuses label={label} value={value as string[]} onChange={onChange} error={error} />;
  if (name === 'courseProgress') return <CourseProgress label={label} value={value as Progress} onChange={onChange} error={error} />;
  if (kind) return <ItemPicker kind={kind} label={label} statuses={USABLE} value={value as string[]} error={error} onChange={(ids) => onChange(ids)} />;
  if (name === 'tags' || name === 'allTags' || name === 'noTags') {
    return <TagsField label={label} value={value as string[]} suggestions={tags} error={error} onChange={onChange} />;
  }
  if (name === 'affiliate') {
    return (
      <SelectField label={label} value={value ? 'YES' : 'NO'} error={error} onChange={(chosen) => onChange(chosen === 'YES')} options={[
        { value: 'YES', label: t.smartLists.affiliate }, { value: 'NO', label: t.smartLists.noAffiliate },
      ]} />
    );
  }
  if (name === 'search') {
    return <TextField label={label} hint={t.smartLists.searchHint} maxLength={MAX_SEARCH} autocomplete="off" value={value as string} error={error} onInput={onChange} />;
  }
  return name.endsWith('Days')
    ? <TextField type="number" label={label} hint={t.smartLists.daysHint} value={typeof value === 'number' ? String(value) : ''} error={error}
        onInput={(text) => onChange(text === '' ? null : Math.trunc(Number(text)))} />
    : <Moment label={label} value={value as string} error={error} onChange={onChange} />;
}

type FieldProps<Of> = { label: string; value: Of; onChange: (value: Of) => void; error: string | undefined };

const Statuses = ({ label, value, onChange, error }: FieldProps<string[]>) => (
  <fieldset class="condition-statuses">
    <legend>{label}</legend>
    <div class="condition-checks">
      {STATUSES.map((status) => (
        <CheckField key={status} label={t.words.portalStatus[status]} checked={value.includes(status)}
          onChange={(checked) => onChange(STATUSES.filter((other) => (other === status ? checked : value.includes(other))))} />
      ))}
    </div>
    {error && <p class="error" role="alert"><Marked text={error} /></p>}
  </fieldset>
);

const CourseProgress = ({ label, value: { courseId, progress }, onChange, error }: FieldProps<Progress>) => (
  <div class="pair">
    <ItemPicker kind="course" label={label} single statuses={USABLE} value={courseId ? [courseId] : []} error={error}
      onChange={([id = '']) => onChange({ courseId: id, progress })} />
    <SelectField label={t.smartLists.progress} value={progress} onChange={(next) => onChange({ courseId, progress: next })}
      options={PROGRESS.map((status) => ({ value: status, label: t.smartLists.progressOf[status] }))} />
  </div>
);

/** A time in the account's time zone. One that is half typed is none yet. */
function Moment({ label, value, onChange, error }: FieldProps<string>) {
  const zone = useZone();
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (value && zone ? wallTime(value, zone) : '');
  return (
    <TextField type="datetime-local" label={label} hint={zone && t.smartLists.zone(zone)} value={shown} error={error} disabled={!zone} onInput={(wall) => {
      setTyped(wall);
      onChange((zone && wall && momentOf(wall, zone)) ?? '');
    }} />
  );
}
