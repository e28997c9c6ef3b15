import { t } from '../../i18n';
import { webAddress } from '../courses/web_address';
import { parseColor } from './accent';
import { ColorField } from './color_field';
import { AccentContrast, BarContrast, barProblem } from './contrast';
import { LogoField } from './logo_field';
import { Preview } from './preview';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

type Branding = Pick<Settings, 'accentColor' | 'secondaryColor' | 'logoUrl'>;

/** As they are sent: an emptied color or logo is null. */
const cleaned = ({ accentColor, secondaryColor, logoUrl }: Partial<Branding>): Partial<Branding> => ({
  ...(accentColor !== undefined && { accentColor: parseColor(accentColor) ?? accentColor }),
  ...(secondaryColor !== undefined && { secondaryColor: secondaryColor && (parseColor(secondaryColor) ?? secondaryColor) }),
  ...(logoUrl !== undefined && { logoUrl: webAddress(logoUrl ?? '') || null }),
});

export function Branding({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.branding;
  const form = useSettings('branding', title, settings, ['logoUrl', 'accentColor', 'secondaryColor'], cleaned);
  const { accentColor, secondaryColor, logoUrl } = form.values;
  const color = parseColor(accentColor);
  const bar = parseColor(secondaryColor ?? '');
  const wrong = !color || (secondaryColor && !bar) ? t.settings.colorFormat : barProblem(color, bar);
  const shown = color ?? settings.accentColor;
  return (
    <Panel id="branding" title={title} description={description}>
      <SettingsFields form={form} title={title} problem={wrong}>
        <LogoField value={logoUrl} image={settings.logoImageUrl} changed={logoUrl !== settings.logoUrl} error={form.error('logoUrl')}
          onInput={(typed) => form.set({ logoUrl: typed })} />
        <ColorField label={t.settings.color} pick={t.settings.pickColor} hint={t.settings.colorHint} value={accentColor} fallback={settings.accentColor}
          error={form.error('accentColor')} onInput={(typed) => form.set({ accentColor: typed })} />
        <AccentContrast color={shown} />
        <ColorField label={t.settings.barColor} pick={t.settings.pickBarColor} hint={t.settings.barColorHint} optional value={secondaryColor ?? ''}
          fallback={settings.secondaryColor ?? '#ffffff'} error={form.error('secondaryColor')}
          onInput={(typed) => form.set({ secondaryColor: typed || null })} />
        {bar && <BarContrast accent={shown} bar={bar} />}
      </SettingsFields>
      <Preview name={settings.name} color={shown} bar={bar} settings={settings} />
    </Panel>
  );
}
