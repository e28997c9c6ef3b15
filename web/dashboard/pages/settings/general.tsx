import { SelectField, TextField } from '../../components';
import { t } from '../../i18n';
import { Panel, SettingsFields } from './section';
import type { Portal, Settings } from './settings';
import { useSettings } from './settings';
import { Slug } from './slug';
import { TimezoneField } from './timezone_field';

const MAX_NAME = 120;

// Each in its own language.
const LANGUAGES: [Settings['language'], string][] = [['ENGLISH', 'English'], ['SPANISH', 'Español'], ['GERMAN', 'Deutsch'], ['FRENCH', 'Français']];

export function General({ settings, portal }: { settings: Settings; portal: Portal }) {
  const { title, description } = t.settings.general;
  const form = useSettings('general', title, settings, ['name', 'language', 'timezone'], (changes) =>
    changes.name === undefined ? changes : { ...changes, name: changes.name.trim() });
  return (
    <Panel id="general" title={title} description={description}>
      <SettingsFields form={form} title={title}>
        <TextField label={t.settings.name} hint={t.settings.nameHint} value={form.values.name} maxLength={MAX_NAME} autocomplete="off"
          error={form.error('name')} onInput={(name) => form.set({ name })} />
        <SelectField label={t.settings.language} hint={t.settings.languageHint} value={form.values.language} error={form.error('language')}
          onChange={(language) => form.set({ language })} options={LANGUAGES.map(([value, label]) => ({ value, label }))} />
        <TimezoneField value={form.values.timezone} error={form.error('timezone')} onChange={(timezone) => form.set({ timezone })} />
      </SettingsFields>
      <Slug portal={portal} />
    </Panel>
  );
}
