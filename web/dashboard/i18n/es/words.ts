import type { words as en } from '../en/words';

export const words: typeof en = {
  portalStatus: { NOT_INVITED: 'Sin invitar', INVITED: 'Invitado', ACTIVE: 'Se unió', REVOKED: 'Acceso revocado' },
  invitationStatus: { OPEN: 'Abierta', EXPIRED: 'Caducada', ACCEPTED: 'Aceptada', CANCELLED: 'Cancelada' },
  messageStatus: {
    QUEUED: 'En cola', SENDING: 'Enviándose', SENT: 'Enviado', DELIVERED: 'Entregado', DEFERRED: 'Aplazado', KEPT: 'Guardado en este servidor', BOUNCED: 'Rechazado',
    FAILED: 'Fallido', SUPPRESSED: 'No enviado', CANCELLED: 'Cancelado',
  },
  messageKind: {
    CONTACTS_MERGED: 'Contactos combinados',
    ADDRESS_CHANGED: 'Cambio de dirección', INVITATION: 'Invitación', LOGIN_CODE: 'Código de acceso', SIGN_UP_CODE: 'Código de registro', WRITTEN: 'Escrito por el equipo', LOGIN_EMAIL: 'Correo de acceso',
    MAGIC_LINK: 'Enlace mágico', NEW_DEVICE: 'Dispositivo nuevo', PASSWORD_CHANGED: 'Cambio de contraseña',
    PASSWORD_RESET: 'Restablecer contraseña', REQUESTED_LOGIN: 'Acceso solicitado',
  },
  contentStatus: { DRAFT: 'Borrador', PUBLISHED: 'Publicado', ARCHIVED: 'Archivado' },
  lessonKind: { TEXT: 'Texto', VIDEO: 'Vídeo', LINK: 'Enlace' },
  channel: { EMAIL: 'Correo', SMS: 'SMS' },
  section: { HOME: 'Inicio', COURSES: 'Cursos', COMMUNITIES: 'Comunidades', AFFILIATES: 'Afiliados' },
  linkStatus: { LIVE: 'Válido', USED: 'Usado', EXPIRED: 'Caducado', SUPERSEDED: 'Sustituido', REVOKED: 'Revocado' },
  linkPurpose: {
    GENERATED: 'Generado', INVITATION: 'Invitación', LOGIN_EMAIL: 'Correo de acceso', MESSAGE: 'Mensaje', REQUESTED: 'Acceso solicitado',
  },
  jobKind: {
    ACCESS: 'Acceso', GRANT: 'Cursos y ofertas', IMPORT: 'Importación', INVITE: 'Invitaciones', LOGIN_EMAIL: 'Correos de acceso', MESSAGE: 'Mensajes', TAG: 'Etiquetas',
    RESEND_INVITATIONS: 'Reenvío de invitaciones', CANCEL_INVITATIONS: 'Cancelación de invitaciones',
  },
  jobStatus: {
    QUEUED: 'En cola', RUNNING: 'En curso', PAUSED: 'En pausa', SUCCEEDED: 'Terminada', FAILED: 'Fallida', CANCELLED: 'Cancelada',
  },
  itemOutcome: { DONE: 'Hecho', UPDATED: 'Actualizado', UNCHANGED: 'Sin cambios', SKIPPED: 'Omitido', FAILED: 'Fallido' },
  skipReason: {
    ALREADY_ACTIVE: 'Ya se unió', ALREADY_INVITED: 'Ya está invitado', DUPLICATE: 'Aparece dos veces',
    INVALID_EMAIL: 'No es una dirección de correo', NOT_FOUND: 'No encontrado', NO_EMAIL: 'No tiene correo', REVOKED: 'Acceso revocado',
    SUPPRESSED: 'Los correos a esta dirección están en pausa', ALREADY_REVOKED: 'El acceso ya está revocado',
    NOT_REVOKED: 'El acceso no está revocado',
    TOO_MANY_TAGS: 'Tendría demasiadas etiquetas',
    NO_PHONE: 'No tiene teléfono', INVALID_PHONE: 'El teléfono no es válido',
    UNSUBSCRIBED: 'Se dio de baja de los correos comerciales',
  },
  suppression: {
    BOUNCED: 'La dirección rechazó el correo', COMPLAINED: 'Marcado como spam', NOT_ME: 'El destinatario no había solicitado el correo', STOPPED: 'Respondió STOP',
  },
  role: { OWNER: 'Propietario', ADMIN: 'Administrador', STAFF: 'Personal', READ_ONLY: 'Solo lectura' },
  sessionMethod: {
    CHALLENGE: 'Acceso confirmado', CODE: 'Código', GOOGLE: 'Google', LINK: 'Enlace', PASSWORD: 'Contraseña', STAFF_LINK: 'Enlace de acceso',
    STEP_UP: 'Nueva comprobación',
  },
  scope: { READ: 'Leer', INVITE: 'Invitar', LINKS: 'Enlaces', CONTACTS: 'Contactos', CONTENT: 'Contenido', AFFILIATES: 'Afiliados', ADMIN: 'Administración' },
  grantStatus: { SCHEDULED: 'Programada', ACTIVE: 'Activa', ENDED: 'Terminada', REVOKED: 'Retirada' },
  grantSource: { DIRECT: 'Directa', IMPORT: 'Importación', WORKFLOW: 'Flujo de trabajo' },
  scopeHint: {
    READ: 'Cifras, contactos y mensajes', INVITE: 'Invitar contactos y enviar correos de acceso', LINKS: 'Crear enlaces mágicos',
    CONTACTS: 'Cambiar contactos y su acceso', CONTENT: 'Escribir cursos, comunidades, ofertas y menús',
    AFFILIATES: 'Registrar las ventas de afiliados', ADMIN: 'Configuración y registro de auditoría',
  },
};
