import type { links as en } from '../en/links';

export const links: typeof en = {
  title: 'Enlaces',
  description: 'Un enlace mágico inicia la sesión de un contacto una sola vez. Aquí están los de invitaciones, los de correos de acceso, los de mensajes y los que usted genera; su URL no se puede volver a mostrar.',
  generate: 'Generar enlace mágico',
  tabs: 'Enlaces por estado',
  tableLabel: (status) => `Enlaces mágicos: ${status}`,
  only: 'Enlaces de',
  contact: 'Contacto',
  purpose: 'Finalidad',
  section: 'Abre',
  limited: (section) => `Solo ${section}`,
  createdBy: 'Creado por',
  created: 'Creado',
  expires: 'Caduca',
  used: 'Usado',
  revoke: 'Revocar',
  revoked: (name) => `El enlace de ${name} ya no funciona.`,
  revokeTitle: '¿Revocar este enlace?',
  revokeText: (name) => `${name} ya no podrá iniciar sesión con él. Puede enviar o generar otro en cualquier momento.`,
  none: {
    LIVE: 'No hay enlaces válidos', USED: 'Aún no se usó ningún enlace', EXPIRED: 'No caducó ningún enlace',
    SUPERSEDED: 'No se sustituyó ningún enlace', REVOKED: 'No se revocó ningún enlace',
  },
  noneHint: 'Los enlaces aparecen aquí en cuanto invita a un contacto, envía un correo de acceso o un mensaje con la URL de acceso, o genera un enlace mágico.',
  by: { member: 'Un miembro del equipo', apiKey: 'Una clave de API', contact: 'El contacto', anonymous: 'La página de acceso', system: 'Vestibule' },
};
