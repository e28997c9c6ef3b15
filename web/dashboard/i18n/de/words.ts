import type { words as en } from '../en/words';

export const words: typeof en = {
  portalStatus: { NOT_INVITED: 'Nicht eingeladen', INVITED: 'Eingeladen', ACTIVE: 'Beigetreten', REVOKED: 'Zugang entzogen' },
  invitationStatus: { OPEN: 'Offen', EXPIRED: 'Abgelaufen', ACCEPTED: 'Angenommen', CANCELLED: 'Zurückgezogen' },
  messageStatus: {
    QUEUED: 'In der Warteschlange', SENDING: 'Wird gesendet', SENT: 'Gesendet', DELIVERED: 'Zugestellt', DEFERRED: 'Verzögert', KEPT: 'Auf diesem Server',
    BOUNCED: 'Unzustellbar', FAILED: 'Fehlgeschlagen', SUPPRESSED: 'Nicht gesendet', CANCELLED: 'Abgebrochen',
  },
  messageKind: {
    CONTACTS_MERGED: 'Kontakte zusammengeführt',
    ADDRESS_CHANGED: 'Adresse geändert', INVITATION: 'Einladung', LOGIN_CODE: 'Anmeldecode', SIGN_UP_CODE: 'Registrierungscode', WRITTEN: 'Vom Team geschrieben', LOGIN_EMAIL: 'Anmelde-E-Mail',
    MAGIC_LINK: 'Magischer Link', NEW_DEVICE: 'Neues Gerät', PASSWORD_CHANGED: 'Passwort geändert', PASSWORD_RESET: 'Passwort zurücksetzen',
    REQUESTED_LOGIN: 'Angeforderte Anmeldung',
  },
  contentStatus: { DRAFT: 'Entwurf', PUBLISHED: 'Veröffentlicht', ARCHIVED: 'Archiviert' },
  lessonKind: { TEXT: 'Text', VIDEO: 'Video', LINK: 'Link' },
  channel: { EMAIL: 'E-Mail', SMS: 'SMS' },
  section: { HOME: 'Startseite', COURSES: 'Kurse', COMMUNITIES: 'Communitys', AFFILIATES: 'Partnerprogramm' },
  linkStatus: { LIVE: 'Gültig', USED: 'Benutzt', EXPIRED: 'Abgelaufen', SUPERSEDED: 'Ersetzt', REVOKED: 'Widerrufen' },
  linkPurpose: {
    GENERATED: 'Erstellt', INVITATION: 'Einladung', LOGIN_EMAIL: 'Anmelde-E-Mail', MESSAGE: 'Nachricht', REQUESTED: 'Angeforderte Anmeldung',
  },
  jobKind: {
    ACCESS: 'Zugang', GRANT: 'Kurse und Angebote', IMPORT: 'Import', INVITE: 'Einladungen', LOGIN_EMAIL: 'Anmelde-E-Mails', MESSAGE: 'Nachrichten', TAG: 'Tags',
    RESEND_INVITATIONS: 'Einladungen erneut senden', CANCEL_INVITATIONS: 'Einladungen zurückziehen',
  },
  jobStatus: {
    QUEUED: 'In der Warteschlange', RUNNING: 'Läuft', PAUSED: 'Angehalten', SUCCEEDED: 'Fertig', FAILED: 'Fehlgeschlagen',
    CANCELLED: 'Abgebrochen',
  },
  itemOutcome: {
    DONE: 'Erledigt', UPDATED: 'Aktualisiert', UNCHANGED: 'Unverändert', SKIPPED: 'Übersprungen', FAILED: 'Fehlgeschlagen',
  },
  skipReason: {
    ALREADY_ACTIVE: 'Bereits beigetreten', ALREADY_INVITED: 'Bereits eingeladen', DUPLICATE: 'Doppelt aufgeführt',
    INVALID_EMAIL: 'Keine E-Mail-Adresse', NOT_FOUND: 'Nicht gefunden', NO_EMAIL: 'Hat keine E-Mail-Adresse', REVOKED: 'Zugang ist entzogen',
    SUPPRESSED: 'E-Mails an diese Adresse sind angehalten', ALREADY_REVOKED: 'Zugang ist bereits entzogen', NOT_REVOKED: 'Zugang ist nicht entzogen',
    TOO_MANY_TAGS: 'Hätte zu viele Tags',
    NO_PHONE: 'Hat keine Telefonnummer', INVALID_PHONE: 'Die Telefonnummer ist ungültig',
    UNSUBSCRIBED: 'Hat Werbe-E-Mails abbestellt',
  },
  suppression: {
    BOUNCED: 'Die Adresse ist unzustellbar', COMPLAINED: 'Als Spam gemeldet', NOT_ME: 'Der Empfänger hatte keine E-Mail angefordert', STOPPED: 'Hat STOP geantwortet',
  },
  role: { OWNER: 'Inhaber', ADMIN: 'Administrator', STAFF: 'Mitarbeiter', READ_ONLY: 'Nur Lesen' },
  sessionMethod: {
    CHALLENGE: 'Bestätigte Anmeldung', CODE: 'Code', GOOGLE: 'Google', LINK: 'Link', PASSWORD: 'Passwort', STAFF_LINK: 'Anmeldelink',
    STEP_UP: 'Neuer Nachweis',
  },
  scope: { READ: 'Lesen', INVITE: 'Einladen', LINKS: 'Links', CONTACTS: 'Kontakte', CONTENT: 'Inhalte', AFFILIATES: 'Partner', ADMIN: 'Verwaltung' },
  grantStatus: { SCHEDULED: 'Geplant', ACTIVE: 'Aktiv', ENDED: 'Beendet', REVOKED: 'Entzogen' },
  grantSource: { DIRECT: 'Direkt', IMPORT: 'Import', WORKFLOW: 'Workflow' },
  scopeHint: {
    READ: 'Zahlen, Kontakte und Nachrichten', INVITE: 'Kontakte einladen und Anmelde-E-Mails senden', LINKS: 'Magische Links erstellen',
    CONTACTS: 'Kontakte und ihren Zugang ändern', CONTENT: 'Kurse, Communitys, Angebote und Menüs schreiben',
    AFFILIATES: 'Verkäufe von Partnern erfassen', ADMIN: 'Einstellungen und Protokoll',
  },
};
