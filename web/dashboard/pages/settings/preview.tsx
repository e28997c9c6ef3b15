import type { ComponentChildren } from 'preact';
import { t } from '../../i18n';
import type { Palette } from './accent';
import { onBar, onDark, onLight } from './accent';
import type { Settings } from './settings';

const SCHEMES = {
  light: { page: '#f4f6f8', surface: '#ffffff', text: '#161a22', muted: '#566072', line: '#dfe3e9' },
  dark: { page: '#0f1217', surface: '#171b22', text: '#e9ecf1', muted: '#9ba5b5', line: '#2a303b' },
};

type Scheme = keyof typeof SCHEMES;

const initial = (name: string): string => Array.from(name).find((letter) => /[\p{L}\p{N}]/u.test(letter))?.toUpperCase() ?? '';

const variables = (scheme: Scheme, { fill, onFill, text }: Palette) => ({
  '--preview-page': SCHEMES[scheme].page, '--preview-surface': SCHEMES[scheme].surface, '--preview-text': SCHEMES[scheme].text,
  '--preview-muted': SCHEMES[scheme].muted, '--preview-line': SCHEMES[scheme].line, '--preview-fill': fill, '--preview-on-fill': onFill,
  '--preview-accent': text,
});

type FrameProps = { name: string; caption: string; scheme: Scheme; palette: Palette; bar?: string | null; children: ComponentChildren };

/** The bar looks the same in both schemes. */
const barStyle = (bar: string | null | undefined) => (bar ? { background: bar, color: onBar(bar).onFill } : undefined);

const Frame = ({ name, caption, scheme, palette, bar, children }: FrameProps) => (
  <figure class="preview">
    <figcaption class="hint">{caption}</figcaption>
    <div class="preview-page" role="img" aria-label={caption} style={variables(scheme, palette)}>
      <p class="preview-brand" data-bar={bar || undefined} style={barStyle(bar)}><span class="preview-mark">{initial(name)}</span><bdi>{name}</bdi></p>
      <div class="preview-card">{children}</div>
    </div>
  </figure>
);

const SignIn = ({ name, settings }: { name: string; settings: Settings }) => {
  const byEmail = settings.linkAllowed || settings.codeAllowed;
  return (
    <>
      <p class="preview-title">{t.settings.preview.signIn(name)}</p>
      {byEmail && <p class="preview-field">{t.settings.preview.address}</p>}
      {byEmail && <p class="preview-button">{t.settings.preview.sendLink}</p>}
      {settings.googleAllowed && <p class="preview-button" data-quiet>{t.settings.preview.google}</p>}
      {settings.passwordAllowed && <p class="preview-button" data-quiet>{t.settings.preview.password}</p>}
    </>
  );
};

const Email = ({ name }: { name: string }) => (
  <>
    <p>{t.settings.preview.hello}</p>
    <p>{t.settings.preview.invited(name)}</p>
    <p class="preview-button">{t.settings.preview.open}</p>
    <p class="preview-muted">{t.settings.preview.copyHint}</p>
    <p class="preview-link">https://…</p>
  </>
);

/** How the portal's sign-in page and an invitation look in the colours. */
export function Preview({ name, color, bar, settings }: { name: string; color: string; bar: string | null; settings: Settings }) {
  const { captions } = t.settings.preview;
  const light = { scheme: 'light', palette: onLight(color), name } as const;
  const dark = { scheme: 'dark', palette: onDark(color), name } as const;
  return (
    <div class="previews">
      <Frame {...light} bar={bar} caption={captions.signInLight}><SignIn name={name} settings={settings} /></Frame>
      <Frame {...dark} bar={bar} caption={captions.signInDark}><SignIn name={name} settings={settings} /></Frame>
      <Frame {...light} caption={captions.emailLight}><Email name={name} /></Frame>
      <Frame {...dark} caption={captions.emailDark}><Email name={name} /></Frame>
    </div>
  );
}
