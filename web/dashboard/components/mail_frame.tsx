// An email as it looked. The page's policy allows no inline styles and no foreign scripts, and a frame inherits it: the styles are
// set through the CSSOM, which the policy leaves alone, and the sandbox runs no scripts. So the policy stays as strict as it is.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';

const EMPTY = '<!doctype html><html><head><meta name="color-scheme" content="light"></head><body></body></html>';
const STYLE = 'data-style';

/** The email's own `style` element only has the colours of dark mode: the frame is light, as on paper. */
function parse(html: string): Document {
  const withoutStyles = html
    .replace(/<style\b[^>]*>[^]*?<\/style>/gi, '')
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle=/gi, ` ${STYLE}=`));
  return new DOMParser().parseFromString(withoutStyles, 'text/html');
}

function fill(target: Document, html: string): void {
  const { body } = parse(html);
  for (const each of body.querySelectorAll('script, link, meta, base, form, iframe')) each.remove();
  // The tokens are masked, so that no link leads anywhere.
  for (const each of body.querySelectorAll('a')) each.removeAttribute('href');
  target.body.replaceWith(target.adoptNode(body));
  for (const each of [body, ...body.querySelectorAll<HTMLElement>(`[${STYLE}]`)]) {
    each.style.cssText = each.getAttribute(STYLE) ?? '';
    each.removeAttribute(STYLE);
  }
}

/** The rules for dark mode, which the email has for readers who prefer it. A sheet that a script makes is no inline style. */
function darken(target: Document, html: string): void {
  const view = target.defaultView;
  if (!view) return;
  const [given, used] = [new view.CSSStyleSheet(), new view.CSSStyleSheet()];
  given.replaceSync(/<style\b[^>]*>([^]*?)<\/style>/i.exec(html)?.[1] ?? '');
  const dark = [...given.cssRules].filter((rule): rule is CSSMediaRule => 'media' in rule && (rule as CSSMediaRule).conditionText.includes('dark'));
  used.replaceSync(dark.flatMap((rule) => [...rule.cssRules]).map(({ cssText }) => cssText).join('\n'));
  target.adoptedStyleSheets = [used];
}

/** As high as the email, so that the page scrolls and not the frame. */
function keepHeight(frame: HTMLIFrameElement, content: Document): () => void {
  const measure = () => {
    frame.style.height = `${content.documentElement.offsetHeight}px`;
  };
  const observer = new ResizeObserver(measure);
  observer.observe(content.documentElement);
  measure();
  return () => observer.disconnect();
}

/** On paper, or as a reader in dark mode sees it. */
export function MailFrame({ html, dark = false }: { html: string; dark?: boolean }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let stop: (() => void) | undefined;
    const show = () => {
      const content = element.contentDocument;
      if (!content) return;
      fill(content, html);
      if (dark) darken(content, html);
      stop?.();
      stop = keepHeight(element, content);
    };
    element.addEventListener('load', show);
    element.srcdoc = EMPTY;
    return () => {
      element.removeEventListener('load', show);
      stop?.();
    };
  }, [html, dark]);
  return <iframe ref={frame} class="message-frame" title={t.messages.frame} sandbox="allow-same-origin" referrerPolicy="no-referrer" />;
}
