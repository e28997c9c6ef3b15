import { Button, Field } from '../../components';
import { language, t } from '../../i18n';

const ZONES = Intl.supportedValuesOf('timeZone');

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const regionOf = (zone: string): string => (zone.includes('/') ? zone.slice(0, zone.indexOf('/')) : '');

const placeOf = (zone: string): string => zone.slice(zone.indexOf('/') + 1).replaceAll('_', ' ').replaceAll('/', ' – ');

function regions(chosen: string): [string, string[]][] {
  const byRegion = new Map<string, string[]>([['', ['UTC']]]);
  for (const zone of new Set([...ZONES, chosen].filter((zone) => zone && zone !== 'UTC'))) {
    const region = regionOf(zone);
    byRegion.set(region, [...(byRegion.get(region) ?? []), zone]);
  }
  return [...byRegion];
}

function timeIn(zone: string): string {
  try {
    return new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: zone, timeZoneName: 'shortOffset' }).format(new Date());
  } catch {
    return '';
  }
}

export function TimezoneField({ value, error, onChange }: { value: string; error: string | undefined; onChange: (zone: string) => void }) {
  const time = timeIn(value);
  return (
    <div class="settings-zone">
      <Field label={t.settings.timezone} error={error} hint={time ? t.settings.timezoneHint(time) : t.settings.timezoneMeaning}>
        {(props) => (
          <select {...props} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
            {regions(value).map(([region, zones]) => region
              ? <optgroup key={region} label={region}>{zones.map((zone) => <option key={zone} value={zone}>{placeOf(zone)}</option>)}</optgroup>
              : zones.map((zone) => <option key={zone} value={zone}>{zone}</option>))}
          </select>
        )}
      </Field>
      {HERE && HERE !== value && (
        <Button kind="plain" size="small" icon="globe" onClick={() => onChange(HERE)}>{t.settings.useThisZone(HERE.replaceAll('_', ' '))}</Button>
      )}
    </div>
  );
}
