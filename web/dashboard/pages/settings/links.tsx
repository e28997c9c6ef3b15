import { SelectField, SwitchField } from '../../components';
import { t } from '../../i18n';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const MAX_DAYS = 30;

export function Links({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.links;
  const form = useSettings('links', title, settings, ['invitationDays', 'limitCopiedLinks']);
  const { values } = form;
  return (
    <Panel id="links" title={title} description={description}>
      <SettingsFields form={form} title={title}>
        <SelectField label={t.settings.invitationDays} hint={t.settings.invitationDaysHint} value={String(values.invitationDays)}
          error={form.error('invitationDays')} onChange={(days) => form.set({ invitationDays: Number(days) })}
          options={Array.from({ length: MAX_DAYS }, (_, index) => ({ value: String(index + 1), label: t.settings.days(index + 1) }))} />
        <SwitchField label={t.settings.limitCopiedLinks} hint={t.settings.limitCopiedLinksHint} checked={values.limitCopiedLinks}
          onChange={(limitCopiedLinks) => form.set({ limitCopiedLinks })} />
      </SettingsFields>
    </Panel>
  );
}
