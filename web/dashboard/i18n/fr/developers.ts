import type { developers as en } from '../en/developers';

export const developers: typeof en = {
  lead: 'Tout dans ce tableau de bord passe par une API GraphQL. Utilisez-la depuis vos serveurs, vos applications et vos pages.',
  playground: 'Ouvrir le playground',

  endpointsTitle: 'Points d’accès',
  endpoints: {
    http: { label: 'GraphQL', hint: 'POST pour les requêtes et les modifications ; GET pour les requêtes seulement.' },
    socket: { label: 'WebSocket', hint: 'Abonnements avec le sous-protocole graphql-transport-ws. L’identifiant va dans connection_init.' },
    stream: { label: 'Flux d’événements', hint: 'Abonnements en server-sent events, pour les réseaux où les WebSockets ne passent pas.' },
    keys: { label: 'Clés de signature (JWKS)', hint: 'Avec elles, d’autres services vérifient les jetons d’accès.' },
  },

  accessTitle: 'Authentification',
  access: 'Envoyez une clé d’API depuis votre serveur, ou le jeton d’accès du contact ou du membre de l’équipe connecté depuis une application. Le compte en découle.',
  manageKeys: 'Gérer les clés d’API',
  askForKey: 'Demandez une clé d’API à un propriétaire ou à un administrateur.',

  schemaTitle: 'Schéma',
  schema: 'Le playground montre le schéma et ses descriptions. Les générateurs de code le lisent à cette adresse, tant que l’introspection est activée :',
  schemaAddress: 'l’adresse du schéma',
  downloadSchema: 'Télécharger schema.graphql',
  browseSchema: 'Parcourir le schéma',

  healthTitle: 'État',
  health: { healthz: 'En marche', readyz: 'Prêt pour les requêtes' },
  healthState: { checking: 'Vérification', well: 'Oui', failing: 'Non', unreachable: 'Aucune réponse' },
  checkAgain: 'Vérifier à nouveau',

  originsTitle: 'Origines autorisées',
  origins: 'Les pages d’autres origines peuvent appeler l’API avec un jeton si leur origine est dans la liste : chacune avec son schéma et son port, séparées par des virgules. Les cookies n’y comptent jamais.',
  originsSetting: 'le réglage',
  originsRestart: 'C’est un réglage du serveur : modifiez-le, puis redémarrez.',

  examplesTitle: 'Exemples',
  examples: (read: string, invite: string) =>
    `Ils fonctionnent tels quels. Mettez dans VESTIBULE_KEY une clé d’API avec les droits « ${read} » et « ${invite} ».`,
  languageLabel: 'Langage de programmation',
  invite: 'Inviter un contact',
  subscribe: 'S’abonner aux chiffres',
  codeOf: (title: string) => `code : ${title}`,
  typescriptHint: 'Paquets : graphql-request, graphql-ws et graphql. Node.js a son propre WebSocket depuis la version 22.',
  swiftHint: 'token est le jeton d’accès d’un membre de l’équipe connecté. Ne mettez jamais une clé d’API dans une application : tout le monde peut l’y lire.',
};
