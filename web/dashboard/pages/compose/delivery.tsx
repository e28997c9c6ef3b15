import { Card, Marked, RadioGroup, SwitchField, TextField } from '../../components';
import { t } from '../../i18n';
import type { Errors } from './request';
import type { Composing } from './state';
import { whenText } from './words';

type DeliveryProps = { composing: Composing; zone: string | undefined; errors: Errors };

export function Delivery({ composing: { values, set }, zone, errors }: DeliveryProps) {
  const { channel, marketing, later, paced, quiet } = values;
  return (
    <Card title={t.compose.delivery}>
      <div class="compose-part">
        {channel === 'EMAIL' && (
          <SwitchField label={t.compose.marketing} hint={t.compose.marketingHint} checked={marketing} onChange={(on) => set({ marketing: on })} />
        )}
        {errors.marketing && <p class="error" role="alert"><Marked text={errors.marketing} /></p>}
        <RadioGroup label={t.compose.when} value={later ? 'LATER' : 'NOW'} onChange={(chosen) => set({ later: chosen === 'LATER' })} options={[
          { value: 'NOW', label: t.compose.sendNow }, { value: 'LATER', label: t.compose.sendLater },
        ]} />
        {later && (
          <TextField type="datetime-local" label={t.compose.time} value={values.at} error={errors.sendAt} onInput={(at) => set({ at })}
            hint={zone && [t.compose.zone(zone), values.at && whenText(values.at, zone)].filter(Boolean).join(' · ')} />
        )}
        <SwitchField label={t.compose.slowly} hint={t.compose.slowlyHint} checked={paced} onChange={(on) => set({ paced: on })} />
        {paced && <TextField type="number" label={t.compose.perMinute} value={values.perMinute} error={errors.perMinute} onInput={(perMinute) => set({ perMinute })} />}
        <SwitchField label={t.compose.quiet} hint={t.compose.quietHint} checked={quiet} onChange={(on) => set({ quiet: on })} />
        {quiet && (
          <div class="compose-hours">
            <TextField type="time" label={t.compose.from} value={values.quietFrom} error={errors.quietHours} onInput={(quietFrom) => set({ quietFrom })} />
            <TextField type="time" label={t.compose.until} value={values.quietTo} onInput={(quietTo) => set({ quietTo })} />
          </div>
        )}
      </div>
    </Card>
  );
}
