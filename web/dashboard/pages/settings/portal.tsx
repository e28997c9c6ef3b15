import { SwitchField, TextField } from '../../components';
import { t } from '../../i18n';
import { webAddress } from '../courses/web_address';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const SECTIONS = ['COURSES', 'COMMUNITIES', 'AFFILIATES'] as const;

const cleaned = <Changes extends { affiliateTargetUrl?: string | null }>(changes: Changes): Changes =>
  changes.affiliateTargetUrl === undefined ? changes : { ...changes, affiliateTargetUrl: webAddress(changes.affiliateTargetUrl ?? '') || null };

/** What the portal shows. The home page is always there. */
export function Portal({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.portal;
  const form = useSettings('portal', title, settings, ['sections', 'showEmptySections', 'affiliateTargetUrl'], cleaned);
  const { sections, showEmptySections, affiliateTargetUrl } = form.values;
  const turn = (section: typeof SECTIONS[number], on: boolean) =>
    form.set({ sections: ['HOME', ...SECTIONS.filter((one) => (one === section ? on : sections.includes(one)))] });
  return (
    <Panel id="portal" title={title} description={description}>
      <SettingsFields form={form} title={title}>
        {SECTIONS.map((section) => {
          const on = sections.includes(section);
          return (
            <SwitchField key={section} label={t.words.section[section]} checked={on} onChange={(now) => turn(section, now)}
              hint={on ? t.settings.sectionOn : t.settings.sectionOff} />
          );
        })}
        <SwitchField label={t.settings.showEmpty} hint={t.settings.showEmptyHint} checked={showEmptySections}
          onChange={(now) => form.set({ showEmptySections: now })} />
        <TextField label={t.settings.affiliateTarget} hint={t.settings.affiliateTargetHint} optional type="url" autocomplete="off" placeholder="https://"
          value={affiliateTargetUrl ?? ''} error={form.error('affiliateTargetUrl')} onInput={(typed) => form.set({ affiliateTargetUrl: typed || null })} />
      </SettingsFields>
    </Panel>
  );
}
