// The short name in the addresses of portal and dashboard. Changing it moves both; the former addresses go on working.
import { useState } from 'preact/hooks';
import { ApiError, graphql, mutate } from '../../api';
import { Button, Confirm, CopyField, TextField } from '../../components';
import { t } from '../../i18n';
import { noRole } from './section';
import type { Portal } from './settings';

const RENAME = graphql(`
  mutation RenameSlug($input: UpdatePortalSettingsInput!) {
    updatePortalSettings(input: $input) { portal { id slug dashboardUrl } }
  }
`);

/** The parameter of the new address after the change. */
export const RENAMED = 'renamed';

const MIN_SLUG = 2;
const MAX_SLUG = 40;

const wellFormed = (slug: string): boolean => slug.length >= MIN_SLUG && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug);

/** The address with another short name in it. */
const withSlug = (url: string, from: string, to: string): string => {
  const at = url.lastIndexOf(from);
  return at < 0 ? url : url.slice(0, at) + to + url.slice(at + from.length);
};

const Former = ({ portal: { url, slug, formerSlugs } }: { portal: Portal }) => (
  <div>
    <p class="hint">{t.settings.formerSlugs}</p>
    <ul class="settings-slugs">{formerSlugs.map((former) => <li key={former}><bdi>{withSlug(url, slug, former)}</bdi></li>)}</ul>
  </div>
);

export function Slug({ portal }: { portal: Portal }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const refused = noRole();
  const wanted = (typed ?? portal.slug).trim().toLowerCase();
  const changed = wanted !== portal.slug;
  const error = refusal ?? (changed && !wellFormed(wanted) ? t.settings.slugFormat : undefined);
  const rename = async () => {
    try {
      const { updatePortalSettings } = await mutate(RENAME, { input: { slug: wanted } });
      // The dashboard has moved with the portal.
      if (updatePortalSettings) location.assign(`${updatePortalSettings.portal.dashboardUrl}/settings?${RENAMED}=1`);
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.input !== 'slug') throw failure;
      setRefusal(failure.message);
    }
  };
  return (
    <div class="settings-part">
      <CopyField label={t.settings.portalAddress} value={portal.url} />
      <form class="settings-fields" noValidate aria-label={t.settings.slug} onSubmit={(event) => {
        event.preventDefault();
        if (changed && !error && !refused) setAsking(true);
      }}>
        <TextField label={t.settings.slug} hint={t.settings.slugHint} value={typed ?? portal.slug} maxLength={MAX_SLUG} autocomplete="off" error={error}
          disabled={Boolean(refused)} onInput={(slug) => { setTyped(slug); setRefusal(undefined); }} />
        <div class="settings-save">
          {changed && <Button kind="quiet" size="small" onClick={() => { setTyped(null); setRefusal(undefined); }}>{t.settings.discard}</Button>}
          <Button kind="quiet" type="submit" size="small" disabledReason={refused} aria-disabled={!changed || Boolean(error)}>{t.settings.changeSlug}</Button>
        </div>
      </form>
      {portal.formerSlugs.length > 0 && <Former portal={portal} />}
      <Confirm open={asking} onClose={() => setAsking(false)} title={t.settings.renameTitle} action={t.settings.changeSlug} onConfirm={rename}>
        <div class="settings-rename">
          <p><bdi>{portal.url}</bdi> → <strong><bdi>{withSlug(portal.url, portal.slug, wanted)}</bdi></strong></p>
          <ul>{t.settings.renameConsequences.map((line) => <li key={line}>{line}</li>)}</ul>
        </div>
      </Confirm>
    </div>
  );
}
