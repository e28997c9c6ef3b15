// Every word that the dashboard shows: `t.section.name`. A language is two files beside `en.ts` and `en_pages.ts` with the same keys, and a line here.
import type { CoreStrings } from './i18n/en';
import type { PageStrings } from './i18n/en_pages';
import { setLanguage } from './i18n/plural';

export { language, number, plural } from './i18n/plural';

export const LANGUAGES = { en: 'English', es: 'Español', de: 'Deutsch', fr: 'Français' } as const;

export type Language = keyof typeof LANGUAGES;

export type Strings = CoreStrings & PageStrings;

type Files = { core: () => Promise<{ default: CoreStrings }>; pages: () => Promise<{ default: PageStrings }> };

const FILES: Record<Language, Files> = {
  en: { core: () => import('./i18n/en'), pages: () => import('./i18n/en_pages') },
  es: { core: () => import('./i18n/es'), pages: () => import('./i18n/es_pages') },
  de: { core: () => import('./i18n/de'), pages: () => import('./i18n/de_pages') },
  fr: { core: () => import('./i18n/fr'), pages: () => import('./i18n/fr_pages') },
};

const CHOICE = 'vestibule.language';

export const t = {} as Strings;

const known = (tag: string | null | undefined): Language | undefined => {
  const code = tag?.slice(0, 2).toLowerCase();
  return code && code in FILES ? (code as Language) : undefined;
};

const current = (): Language => known(localStorage.getItem(CHOICE)) ?? navigator.languages.map(known).find(Boolean) ?? 'en';

/** The words of the shell and the overview, in the language that was chosen in the profile menu, else in the browser's first one that there is. */
export async function loadStrings(): Promise<void> {
  const chosen = current();
  Object.assign(t, (await FILES[chosen].core()).default);
  setLanguage(chosen);
  document.documentElement.lang = chosen;
}

/** The words of all other pages and of the dialogs, before the first of them is shown. */
export async function loadPageStrings(): Promise<void> {
  if (!('contact' in t)) Object.assign(t, (await FILES[current()].pages()).default);
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(CHOICE, chosen);
  location.reload();
}
