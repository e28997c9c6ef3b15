import type { developers as en } from '../en/developers';

export const developers: typeof en = {
  lead: 'Alles in diesem Dashboard läuft über eine GraphQL-API. Nutzen Sie sie von Ihren Servern, Apps und Seiten.',
  playground: 'Playground öffnen',

  endpointsTitle: 'Endpunkte',
  endpoints: {
    http: { label: 'GraphQL', hint: 'POST für Abfragen und Änderungen, GET nur für Abfragen.' },
    socket: { label: 'WebSocket', hint: 'Abonnements mit dem Unterprotokoll graphql-transport-ws. Die Zugangsdaten gehören in connection_init.' },
    stream: { label: 'Ereignisstrom', hint: 'Abonnements als Server-Sent Events, für Netze, in denen WebSockets nicht funktionieren.' },
    keys: { label: 'Signaturschlüssel (JWKS)', hint: 'Damit prüfen andere Dienste die Zugriffstoken.' },
  },

  accessTitle: 'Zugangsdaten',
  access: 'Senden Sie von Ihrem Server einen API-Schlüssel, aus einer App das Zugriffstoken des angemeldeten Kontakts oder Teammitglieds. Daraus folgt das Konto.',
  manageKeys: 'API-Schlüssel verwalten',
  askForKey: 'Bitten Sie einen Inhaber oder Administrator um einen API-Schlüssel.',

  schemaTitle: 'Schema',
  schema: 'Im Playground steht das Schema mit seinen Beschreibungen. Codegeneratoren lesen es unter dieser Adresse, solange Introspektion eingeschaltet ist:',
  schemaAddress: 'die Adresse des Schemas',
  downloadSchema: 'schema.graphql herunterladen',
  browseSchema: 'Schema ansehen',

  healthTitle: 'Zustand',
  health: { healthz: 'Läuft', readyz: 'Bereit für Anfragen' },
  healthState: { checking: 'Wird geprüft', well: 'Ja', failing: 'Nein', unreachable: 'Keine Antwort' },
  checkAgain: 'Erneut prüfen',

  originsTitle: 'Erlaubte Ursprünge',
  origins: 'Seiten anderer Ursprünge dürfen die API mit einem Token aufrufen, wenn ihr Ursprung aufgeführt ist: jeder mit Schema und Port, durch Kommas getrennt. Cookies zählen dort nie.',
  originsSetting: 'die Einstellung',
  originsRestart: 'Das ist eine Einstellung des Servers: ändern Sie sie und starten Sie ihn neu.',

  examplesTitle: 'Beispiele',
  examples: (read: string, invite: string) =>
    `Sie laufen, wie sie sind. VESTIBULE_KEY enthält einen API-Schlüssel mit den Rechten „${read}“ und „${invite}“.`,
  languageLabel: 'Programmiersprache',
  invite: 'Einen Kontakt einladen',
  subscribe: 'Die Zahlen abonnieren',
  codeOf: (title: string) => `Code: ${title}`,
  typescriptHint: 'Pakete: graphql-request, graphql-ws und graphql. Node.js hat seit Version 22 einen eigenen WebSocket.',
  swiftHint: 'token ist das Zugriffstoken eines angemeldeten Teammitglieds. Ein API-Schlüssel gehört nie in eine App: dort kann ihn jeder lesen.',
};
