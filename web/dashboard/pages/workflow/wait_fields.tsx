import { useState } from 'preact/hooks';
import { RadioGroup, SelectField, TextField } from '../../components';
import { momentOf, useZone, wallTime } from '../../components/content/zone';
import { t } from '../../i18n';
import { durationMissing } from './missing';
import { RuleFields } from './rule_fields';
import type { Duration, Wait } from './steps';
import { WAIT_FORMS, emptyWait } from './steps';

type WaitFieldsProps = { wait: Wait; onChange: (wait: Wait) => void };

export const WaitFields = ({ wait, onChange }: WaitFieldsProps) => (
  <>
    <RadioGroup label={t.workflows.waitForm} value={wait.form} onChange={(form) => onChange(emptyWait(form))}
      options={WAIT_FORMS.map((form) => ({ value: form, label: t.workflows.waitFormOf[form] }))} />
    {wait.form === 'duration' && <DurationFields label={t.workflows.howLong} duration={wait.duration} onChange={(duration) => onChange({ ...wait, duration })} />}
    {wait.form === 'until' && <Moment until={wait.until} onChange={(until) => onChange({ ...wait, until })} />}
    {wait.form === 'untilTime' && (
      <TextField type="time" label={t.workflows.timeOfDay} hint={t.workflows.timeOfDayHint} value={wait.untilTime} onInput={(untilTime) => onChange({ ...wait, untilTime })} />
    )}
    {wait.form === 'event' && (
      <>
        <RuleFields rule={wait.event} onChange={(event) => onChange({ ...wait, event })} />
        <DurationFields label={t.workflows.atMost} duration={wait.atMost} onChange={(atMost) => onChange({ ...wait, atMost })} />
      </>
    )}
  </>
);

const UNITS: readonly Duration['unit'][] = ['MINUTES', 'HOURS', 'DAYS'];

function DurationFields({ label, duration, onChange }: { label: string; duration: Duration; onChange: (duration: Duration) => void }) {
  const { amount, unit } = duration;
  const [typed, setTyped] = useState(amount ? String(amount) : '');
  return (
    <div class="pair">
      <TextField type="number" label={label} value={typed} error={durationMissing(duration)} onInput={(text) => {
        setTyped(text);
        onChange({ amount: Number(text), unit });
      }} />
      <SelectField label={t.workflows.unit} value={unit} onChange={(next) => onChange({ amount, unit: next })} options={UNITS.map((value) => ({ value, label: t.workflows.unitOf[value] }))} />
    </div>
  );
}

/** A time in the account's time zone. One that is half typed is none yet. */
function Moment({ until, onChange }: { until: string; onChange: (until: string) => void }) {
  const zone = useZone();
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (until && zone ? wallTime(until, zone) : '');
  return (
    <TextField type="datetime-local" label={t.workflows.waitFormOf.until} hint={zone && t.smartLists.zone(zone)} value={shown} disabled={!zone} onInput={(wall) => {
      setTyped(wall);
      onChange((zone && wall && momentOf(wall, zone)) ?? '');
    }} />
  );
}
