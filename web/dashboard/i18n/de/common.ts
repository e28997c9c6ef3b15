import type { common as en } from '../en/common';

export const common: typeof en = {
  unreachable: 'Der Server ist nicht erreichbar. Ihre Eingabe bleibt erhalten: Versuchen Sie es gleich noch einmal.',
  tryAgainIn: (seconds: number) => `Versuchen Sie es in ${seconds} s noch einmal.`,
  save: 'Speichern',
  cancel: 'Abbrechen',
  close: 'Schließen',
  remove: 'Entfernen',
  edit: 'Bearbeiten',
  undo: 'Rückgängig',
  saved: 'Gespeichert',
  copy: 'Kopieren',
  none: 'Keine',
  optional: 'optional',
  loading: 'Wird geladen',
  notFound: 'Nicht gefunden',
  notFoundHint: 'Vielleicht wurde es gelöscht, oder die Adresse stimmt nicht.',
  aContact: 'Ein Kontakt',
  noRole: (role: string) => `Mit Ihrer Rolle (${role}) ist das nicht möglich. Fragen Sie einen Inhaber oder Administrator.`,
};
