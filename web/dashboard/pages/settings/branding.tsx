import { useState } from 'preact/hooks';
import { Field, Icon } from '../../components';
import { language, t } from '../../i18n';
import { TEXT_RATIO, onDark, onLight, parseColor } from './accent';
import { Preview } from './preview';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const ratio = (value: number): string =>
  `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(Math.floor(value * 10) / 10)}:1`;

function Contrast({ color }: { color: string }) {
  const [light, dark] = [onLight(color), onDark(color)];
  const lines = [
    t.settings.onButtons(light.onFill === '#ffffff', ratio(light.ratio)),
    light.text === color ? t.settings.linksAsChosen : t.settings.linksDarker(light.text, ratio(TEXT_RATIO)),
    dark.fill === color && dark.text === color ? t.settings.darkAsChosen : t.settings.darkLighter(dark.fill),
  ];
  return (
    <ul class="settings-contrast" aria-live="polite">
      {lines.map((line) => <li key={line}><Icon name="check" />{line}</li>)}
    </ul>
  );
}

export function Branding({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.branding;
  const form = useSettings('branding', title, settings, ['accentColor'], ({ accentColor }) =>
    ({ accentColor: parseColor(accentColor ?? '') ?? accentColor }));
  const [left, setLeft] = useState(false);
  const typed = form.values.accentColor;
  const color = parseColor(typed);
  const shown = color ?? settings.accentColor;
  const wrong = color ? undefined : t.settings.colorFormat;
  return (
    <Panel id="branding" title={title} description={description}>
      <SettingsFields form={form} title={title} problem={wrong}>
        <Field label={t.settings.color} hint={t.settings.colorHint} error={form.error('accentColor') ?? (left ? wrong : undefined)}>
          {(props) => (
            <div class="settings-color">
              <input {...{ type: 'color' } as object} aria-label={t.settings.pickColor} value={shown}
                onInput={(event) => form.set({ accentColor: event.currentTarget.value })} />
              <input {...props} value={typed} maxLength={9} spellcheck={false} autocomplete="off" onBlur={() => setLeft(true)}
                onInput={(event) => form.set({ accentColor: event.currentTarget.value })} />
            </div>
          )}
        </Field>
        <Contrast color={shown} />
      </SettingsFields>
      <Preview name={settings.name} color={shown} settings={settings} />
    </Panel>
  );
}
