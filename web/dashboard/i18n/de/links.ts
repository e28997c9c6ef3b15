import type { links as en } from '../en/links';

export const links: typeof en = {
  title: 'Links',
  description: 'Ein magischer Link meldet einen Kontakt einmal an. Die Links aus Einladungen, Anmelde-E-Mails und Nachrichten und die, die Sie selbst erstellen, stehen alle hier; ihre Adressen sind nicht noch einmal zu sehen.',
  generate: 'Magischen Link erstellen',
  tabs: 'Links nach Status',
  tableLabel: (status) => `Magische Links: ${status}`,
  only: 'Links von',
  contact: 'Kontakt',
  purpose: 'Zweck',
  section: 'Öffnet',
  limited: (section) => `Nur ${section}`,
  createdBy: 'Erstellt von',
  created: 'Erstellt',
  expires: 'Läuft ab',
  used: 'Benutzt',
  revoke: 'Widerrufen',
  revoked: (name) => `Der Link von ${name} funktioniert nicht mehr.`,
  revokeTitle: 'Diesen Link widerrufen?',
  revokeText: (name) => `${name} kann sich damit nicht mehr anmelden. Sie können jederzeit einen neuen senden oder erstellen.`,
  none: {
    LIVE: 'Keine gültigen Links', USED: 'Noch kein Link wurde benutzt', EXPIRED: 'Kein Link ist abgelaufen',
    SUPERSEDED: 'Kein Link wurde ersetzt', REVOKED: 'Kein Link wurde widerrufen',
  },
  noneHint: 'Ein Link erscheint hier, sobald Sie einen Kontakt einladen, eine Anmelde-E-Mail oder eine Nachricht mit der Anmelde-URL senden oder einen magischen Link erstellen.',
  by: { member: 'Ein Teammitglied', apiKey: 'Ein API-Schlüssel', contact: 'Der Kontakt', anonymous: 'Die Anmeldeseite', system: 'Vestibule' },
};
