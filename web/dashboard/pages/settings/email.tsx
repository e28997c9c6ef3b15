import { may } from '../../api';
import { TextField } from '../../components';
import { t } from '../../i18n';
import { Domain } from './domain';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const MAX_ADDRESS = 254;

export function Email({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.email;
  const form = useSettings('email', t.settings.replyTo, settings, ['replyTo'], ({ replyTo }) => ({ replyTo: replyTo?.trim() || null }));
  return (
    <Panel id="email" title={title} description={description}>
      <SettingsFields form={form} title={title}>
        <TextField label={t.settings.replyTo} hint={t.settings.replyToHint} type="email" optional maxLength={MAX_ADDRESS} autocomplete="off"
          value={form.values.replyTo ?? ''} error={form.error('replyTo')} onInput={(replyTo) => form.set({ replyTo: replyTo || null })} />
      </SettingsFields>
      {may('ADMIN') && <Domain />}
    </Panel>
  );
}
