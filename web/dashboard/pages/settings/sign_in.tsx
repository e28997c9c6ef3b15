import { boot, graphql, useQuery } from '../../api';
import { Banner, SelectField, SwitchField } from '../../components';
import { t } from '../../i18n';
import { Panel, SettingsFields } from './section';
import type { Settings } from './settings';
import { useSettings } from './settings';

const OFFERED = graphql(`
  query OfferedSignIn($portal: String!) {
    publicPortal(portal: $portal) { slug signInMethods }
  }
`);

const METHODS = ['linkAllowed', 'codeAllowed', 'passwordAllowed', 'googleAllowed'] as const;

const SHORTEST = 8;
const LONGEST = 15;

const LENGTHS = Array.from({ length: LONGEST - SHORTEST + 1 }, (_, index) => SHORTEST + index);

/** Google is allowed, and this server has no Google client. */
function useGoogleMissing(saved: boolean): boolean {
  const { data } = useQuery(OFFERED, { portal: boot.account }, { pause: !saved });
  const methods = data?.publicPortal?.signInMethods;
  return saved && methods !== undefined && !methods.includes('GOOGLE');
}

export function SignIn({ settings }: { settings: Settings }) {
  const { title, description } = t.settings.signIn;
  const form = useSettings('sign-in', title, settings, [...METHODS, 'shortestPassword', 'selfSignUp']);
  const { values } = form;
  const googleMissing = useGoogleMissing(settings.googleAllowed);
  const usable = METHODS.filter((method) => values[method] && !(method === 'googleAllowed' && googleMissing));
  return (
    <Panel id="sign-in" title={title} description={description}>
      <SettingsFields form={form} title={title} problem={usable.length ? undefined : t.settings.keepOne}>
        {METHODS.map((method) => {
          const { label, on, off } = t.settings.methods[method];
          const last = usable.length === 1 && usable[0] === method;
          return (
            <SwitchField key={method} label={label} checked={values[method]} disabled={last}
              hint={last ? t.settings.lastMethod : values[method] ? on : off} onChange={(allowed) => form.set({ [method]: allowed })} />
          );
        })}
        {googleMissing && values.googleAllowed && <Banner tone="warn">{t.settings.googleMissing}</Banner>}
        {values.passwordAllowed && (
          <SelectField label={t.settings.shortestPassword} hint={t.settings.shortestPasswordHint} value={String(values.shortestPassword)}
            error={form.error('shortestPassword')} onChange={(length) => form.set({ shortestPassword: Number(length) })}
            options={LENGTHS.map((length) => ({ value: String(length), label: t.settings.characters(length) }))} />
        )}
        <SwitchField label={t.settings.selfSignUp} checked={values.selfSignUp} disabled={!values.codeAllowed && !values.selfSignUp}
          hint={!values.codeAllowed ? t.settings.selfSignUpNeedsCodes : values.selfSignUp ? t.settings.selfSignUpOn : t.settings.selfSignUpOff}
          onChange={(selfSignUp) => form.set({ selfSignUp })} />
      </SettingsFields>
    </Panel>
  );
}
