import { useState } from 'preact/hooks';
import { Confirm, SelectField } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const PRESETS = [30, 90, 180, 365, 730, 1095, 1825, 3650];

const FOREVER = '';

function options(kept: number | null) {
  const days = [...new Set([...PRESETS, ...(kept === null ? [] : [kept])])].sort((one, other) => one - other);
  return [{ value: FOREVER, label: t.settings.forever }, ...days.map((count) => ({ value: String(count), label: t.settings.keptDays(count) }))];
}

export function Data({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.data;
  const form = useSettings('data', title, settings, ['auditDays']);
  const [asking, setAsking] = useState(false);
  const chosen = form.values.auditDays;
  const shorter = chosen !== null && (settings.auditDays === null || chosen < settings.auditDays);
  return (
    <Panel id="data" title={title} description={description}>
      <SettingsFields form={form} title={title} onSave={shorter && form.changed ? () => setAsking(true) : undefined}>
        <SelectField label={t.settings.auditDays} value={chosen === null ? FOREVER : String(chosen)} error={form.error('auditDays')}
          hint={<>{t.settings.auditDaysHint} <a href={link('audit')}>{t.settings.openAudit}</a></>}
          onChange={(days) => form.set({ auditDays: days === FOREVER ? null : Number(days) })} options={options(settings.auditDays)} />
      </SettingsFields>
      <Confirm open={asking} onClose={() => setAsking(false)} danger title={t.settings.shortenTitle} action={t.settings.shorten} onConfirm={form.save}>
        <p>{t.settings.shortenConsequence(chosen ?? 0)}</p>
      </Confirm>
    </Panel>
  );
}
