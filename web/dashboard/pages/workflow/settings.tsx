// What holds for all runs.
import { Card, RadioGroup, SwitchField, TextField } from '../../components';
import { t } from '../../i18n';
import type { Settings } from './documents';
import type { Editing } from './editing';
import { Found } from './flow';
import type { Problems } from './missing';

const REENTRY: readonly Settings['reentry'][] = ['NEVER', 'AFTER_END', 'ALWAYS'];

const NIGHT = { start: '22:00', end: '08:00' };

const MAX_NAME = 200;

export function SettingsTab({ editing, problems }: { editing: Editing; problems: Problems }) {
  const { name, settings } = editing.values;
  const set = (changes: Partial<Settings>) => editing.set({ settings: { ...settings, ...changes } });
  const hours = settings.quietHours;
  return (
    <Card title={t.shell.settings}>
      <div class="flow-fields flow-settings">
        <Found problems={problems} place="settings" />
        <TextField label={t.workflows.name} maxLength={MAX_NAME} autocomplete="off" value={name} onInput={(typed) => editing.set({ name: typed })} />
        <RadioGroup label={t.workflows.reentry} value={settings.reentry} onChange={(reentry) => set({ reentry })}
          options={REENTRY.map((value) => ({ value, label: t.workflows.reentryOf[value] }))} />
        <SwitchField label={t.workflows.stopOnJoin} hint={t.workflows.stopOnJoinHint} checked={settings.stopOnJoin} onChange={(stopOnJoin) => set({ stopOnJoin })} />
        <SwitchField label={t.compose.quiet} hint={t.workflows.quietHint} checked={hours !== null} onChange={(on) => set({ quietHours: on ? NIGHT : null })} />
        {hours && (
          <div class="pair">
            <TextField type="time" label={t.compose.from} value={hours.start} onInput={(start) => set({ quietHours: { ...hours, start } })} />
            <TextField type="time" label={t.compose.until} value={hours.end} onInput={(end) => set({ quietHours: { ...hours, end } })} />
          </div>
        )}
      </div>
    </Card>
  );
}
