import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { link } from '../../router';

const SECTIONS = ['general', 'branding', 'portal', 'sign-in', 'links', 'email', 'data'] as const;

type SectionName = (typeof SECTIONS)[number];

const TITLES: Record<SectionName, () => string> = {
  general: () => t.settings.general.title,
  branding: () => t.settings.branding.title,
  portal: () => t.settings.portal.title,
  'sign-in': () => t.settings.signIn.title,
  links: () => t.settings.links.title,
  email: () => t.settings.email.title,
  data: () => t.settings.data.title,
};

const known = (name: string): SectionName | undefined => SECTIONS.find((section) => section === name);

function show(section: SectionName): void {
  document.getElementById(section)?.scrollIntoView();
  document.getElementById(`${section}-title`)?.focus({ preventScroll: true });
}

/** The section that is being read: the last one whose start has passed the upper third of the window. */
function useCurrent(): SectionName {
  const [current, setCurrent] = useState<SectionName>(known(location.hash.slice(1)) ?? SECTIONS[0]);
  useEffect(() => {
    const read = () => {
      const started = SECTIONS.filter((section) => (document.getElementById(section)?.getBoundingClientRect().top ?? Infinity) < innerHeight / 3);
      const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
      setCurrent((old) => (atEnd && scrollY > 0 ? SECTIONS[SECTIONS.length - 1] : started[started.length - 1]) ?? old);
    };
    addEventListener('scroll', read, { passive: true });
    return () => removeEventListener('scroll', read);
  }, []);
  return current;
}

/** The list of sections at the side. `ready`: the sections are there. */
export function Anchors({ ready }: { ready: boolean }) {
  const current = useCurrent();
  useEffect(() => {
    const target = known(location.hash.slice(1));
    if (ready && target) show(target);
  }, [ready]);
  return (
    <nav class="settings-nav" aria-label={t.settings.sections}>
      <ul>
        {SECTIONS.map((section) => (
          <li key={section}>
            <a href={`${link('settings')}#${section}`} aria-current={section === current ? 'location' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                history.replaceState(null, '', `#${section}`);
                show(section);
              }}>
              {TITLES[section]()}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
