import type { offers as en } from '../en/offers';
import { plural } from '../plural';

export const offers: typeof en = {
  description: 'Paquetes de cursos y comunidades que se conceden juntos.',
  offer: 'Oferta',
  new: 'Nueva oferta',
  none: 'Aún no hay ofertas',
  noneHint: 'Cree una oferta, incluya cursos y comunidades, publíquela y concédala a sus contactos.',
  missing: 'Esta oferta no existe',
  tabs: { contents: 'Contenido', terms: 'Detalles', holders: 'Titulares' },
  courses: (count) => plural(count, '# curso', '# cursos'),
  communities: (count) => plural(count, '# comunidad', '# comunidades'),
  empty: 'Aún no contiene nada',
  atOnce: 'De inmediato',
  publishFirst: 'Publique la oferta antes de concederla.',
  emptyFirst: 'Incluya un curso o una comunidad antes de publicarla.',
  archiveConsequence: 'Ya no se puede conceder. Quienes la tienen la conservan.',
  contentsHint: 'Quien tiene la oferta puede abrir todo esto. Un cambio vale de inmediato.',
  addCourse: 'Añadir un curso',
  addCommunity: 'Añadir una comunidad',
  added: (title) => `${title} se añadió a la oferta`,
  removed: (title) => `${title} se quitó de la oferta`,
  removeTitle: (title) => `¿Quitar ${title} de la oferta?`,
  removeConsequence: (holders) => holders
    ? plural(holders, 'Se cierra para # contacto que tiene la oferta, salvo que otra concesión lo abra.', 'Se cierra para # contactos que tienen la oferta, salvo que otra concesión lo abra.')
    : 'Nadie tiene aún la oferta: no se cierra nada.',
  startsAt: 'Se abre el',
  startsAtHint: 'Nada de la oferta se abre antes de esta hora; si está vacío, todo se abre con cada concesión.',
  durationDays: 'Días',
  durationDaysHint: 'Una concesión termina tras estos días, contados desde que se abre el contenido; si está vacío, nunca. Un cambio vale para concesiones posteriores.',
  listsBeforeStart: 'Mostrar el contenido antes de que se abra',
  listsBeforeStartHint: 'El portal muestra los títulos y cuándo se abren, sin el contenido.',
  wrongDays: 'Escriba un número entero de días, 1 o más.',
  noHolders: 'Nadie tiene esta oferta',
  noHoldersHint: 'Concédala a sus contactos: aparecerán aquí.',
};
