// Every word that the dashboard shows: `t.section.name`. A language is a file beside `en.ts` with the same keys, and a line here.
import type { Strings } from './i18n/en';
import { setLanguage } from './i18n/plural';

export { language, number, plural } from './i18n/plural';

export const LANGUAGES = { en: 'English', es: 'Español', de: 'Deutsch', fr: 'Français' } as const;

export type Language = keyof typeof LANGUAGES;

const FILES: Record<Language, () => Promise<{ default: Strings }>> = {
  en: () => import('./i18n/en'),
  es: () => import('./i18n/es'),
  de: () => import('./i18n/de'),
  fr: () => import('./i18n/fr'),
};

const CHOICE = 'vestibule.language';

export let t = {} as Strings;

const known = (tag: string | null | undefined): Language | undefined => {
  const code = tag?.slice(0, 2).toLowerCase();
  return code && code in FILES ? (code as Language) : undefined;
};

/** The language that was chosen in the profile menu, else the browser's first one that there is. */
export async function loadStrings(): Promise<void> {
  const chosen = known(localStorage.getItem(CHOICE)) ?? navigator.languages.map(known).find(Boolean) ?? 'en';
  t = (await FILES[chosen]()).default;
  setLanguage(chosen);
  document.documentElement.lang = chosen;
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(CHOICE, chosen);
  location.reload();
}
