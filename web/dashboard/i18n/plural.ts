// Numbers and plurals in the language of the page.

export let language = 'en';

let numbers = new Intl.NumberFormat(language);
let rules = new Intl.PluralRules(language);

export function setLanguage(chosen: string): void {
  language = chosen;
  numbers = new Intl.NumberFormat(chosen);
  rules = new Intl.PluralRules(chosen);
}

export const number = (value: number): string => numbers.format(value);

/** `plural(2, '# contact', '# contacts')`: `#` becomes the number. */
export const plural = (value: number, one: string, other: string): string =>
  (rules.select(value) === 'one' ? one : other).replace('#', number(value));
