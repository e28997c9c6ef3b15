import type { common as en } from '../en/common';

export const common: typeof en = {
  unreachable: 'No se puede acceder al servidor. Sus datos se conservan: inténtelo de nuevo en un momento.',
  tryAgainIn: (seconds: number) => `Inténtelo de nuevo en ${seconds} s.`,
  save: 'Guardar',
  cancel: 'Cancelar',
  close: 'Cerrar',
  remove: 'Quitar',
  edit: 'Editar',
  undo: 'Deshacer',
  saved: 'Guardado',
  copy: 'Copiar',
  none: 'Ninguno',
  optional: 'opcional',
  loading: 'Cargando',
  notFound: 'No encontrado',
  notFoundHint: 'Puede que se haya eliminado o que la dirección sea incorrecta.',
  aContact: 'Un contacto',
  noRole: (role: string) => `Su rol (${role}) no lo permite. Pídaselo a un propietario o administrador.`,
};
