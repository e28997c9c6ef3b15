import type { offers as en } from '../en/offers';
import { plural } from '../plural';

export const offers: typeof en = {
  description: 'Bündel aus Kursen und Communitys, die Sie zusammen freischalten.',
  offer: 'Angebot',
  new: 'Neues Angebot',
  none: 'Noch keine Angebote',
  noneHint: 'Legen Sie ein Angebot an, nehmen Sie Kurse und Communitys auf, veröffentlichen Sie es und schalten Sie es für Kontakte frei.',
  missing: 'Dieses Angebot gibt es nicht',
  tabs: { contents: 'Inhalt', terms: 'Angaben', holders: 'Inhaber' },
  courses: (count) => plural(count, '# Kurs', '# Kurse'),
  communities: (count) => plural(count, '# Community', '# Communitys'),
  empty: 'Noch nichts enthalten',
  atOnce: 'Sofort',
  publishFirst: 'Veröffentlichen Sie das Angebot, bevor Sie es freischalten.',
  emptyFirst: 'Nehmen Sie einen Kurs oder eine Community auf, bevor Sie es veröffentlichen.',
  archiveConsequence: 'Es lässt sich nicht mehr freischalten. Wer es hat, behält es.',
  contentsHint: 'Wer das Angebot hat, kann all das öffnen. Eine Änderung gilt sofort.',
  addCourse: 'Kurs hinzufügen',
  addCommunity: 'Community hinzufügen',
  added: (title) => `${title} wurde zum Angebot hinzugefügt`,
  removed: (title) => `${title} wurde aus dem Angebot entfernt`,
  removeTitle: (title) => `${title} aus dem Angebot entfernen?`,
  removeConsequence: (holders) => holders
    ? plural(holders, 'Das schließt sich für # Kontakt mit diesem Angebot, außer es wird anders geöffnet.', 'Das schließt sich für # Kontakte mit diesem Angebot, außer es wird anders geöffnet.')
    : 'Noch hat niemand das Angebot: Nichts schließt sich.',
  startsAt: 'Öffnet sich am',
  startsAtHint: 'Nichts im Angebot öffnet sich vor dieser Zeit; wenn leer, öffnet sich alles mit jeder Freischaltung.',
  durationDays: 'Tage',
  durationDaysHint: 'Eine Freischaltung endet nach so vielen Tagen, gezählt ab dem Öffnen des Inhalts; wenn leer, nie. Eine Änderung gilt für spätere Freischaltungen.',
  listsBeforeStart: 'Inhalt vor dem Öffnen auflisten',
  listsBeforeStartHint: 'Das Portal zeigt die Titel und wann sie sich öffnen, ohne ihren Inhalt.',
  wrongDays: 'Geben Sie eine ganze Zahl von Tagen ein, mindestens 1.',
  noHolders: 'Niemand hat dieses Angebot',
  noHoldersHint: 'Schalten Sie es für Kontakte frei: Sie stehen dann hier.',
};
