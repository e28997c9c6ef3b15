import type { developers as en } from '../en/developers';

export const developers: typeof en = {
  lead: 'Todo lo que hay en este panel pasa por una API de GraphQL. Úsela desde sus servidores, aplicaciones y páginas.',
  playground: 'Abrir el playground',

  endpointsTitle: 'Direcciones de la API',
  endpoints: {
    http: { label: 'GraphQL', hint: 'POST para consultas y cambios; GET solo para consultas.' },
    socket: { label: 'WebSocket', hint: 'Suscripciones con el subprotocolo graphql-transport-ws. La credencial va en connection_init.' },
    stream: { label: 'Flujo de eventos', hint: 'Suscripciones como server-sent events, para redes donde los WebSockets no funcionan.' },
    keys: { label: 'Claves de firma (JWKS)', hint: 'Con ellas, otros servicios verifican los tokens de acceso.' },
  },

  accessTitle: 'Credenciales',
  access: 'Envíe una clave de API desde su servidor, o el token de acceso del contacto o miembro del equipo que inició sesión en una aplicación. La cuenta se deduce de la credencial.',
  manageKeys: 'Gestionar las claves de API',
  askForKey: 'Pida una clave de API a un propietario o administrador.',

  schemaTitle: 'Esquema',
  schema: 'El playground muestra el esquema con sus descripciones. Los generadores de código lo leen en esta dirección, mientras la introspección esté activada:',
  schemaAddress: 'la dirección del esquema',
  downloadSchema: 'Descargar schema.graphql',
  browseSchema: 'Ver el esquema',

  healthTitle: 'Estado',
  health: { healthz: 'En marcha', readyz: 'Listo para solicitudes' },
  healthState: { checking: 'Comprobando', well: 'Sí', failing: 'No', unreachable: 'Sin respuesta' },
  checkAgain: 'Comprobar de nuevo',

  originsTitle: 'Orígenes permitidos',
  origins: 'Las páginas de otros orígenes pueden llamar a la API con un token si su origen está en la lista: cada uno con su esquema y puerto, separados por comas. Las cookies nunca cuentan allí.',
  originsSetting: 'el ajuste',
  originsRestart: 'Es un ajuste del servidor: cámbielo y reinicie.',

  examplesTitle: 'Ejemplos',
  examples: (read: string, invite: string) =>
    `Funcionan tal como están. Ponga en VESTIBULE_KEY una clave de API con los permisos «${read}» e «${invite}».`,
  languageLabel: 'Lenguaje de programación',
  invite: 'Invitar a un contacto',
  subscribe: 'Suscribirse a las cifras',
  codeOf: (title: string) => `código: ${title}`,
  typescriptHint: 'Paquetes: graphql-request, graphql-ws y graphql. Node.js incluye WebSocket desde la versión 22.',
  swiftHint: 'token es el token de acceso de un miembro del equipo que inició sesión. Nunca ponga una clave de API en una aplicación: allí cualquiera puede leerla.',
};
