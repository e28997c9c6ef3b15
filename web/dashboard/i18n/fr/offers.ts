import type { offers as en } from '../en/offers';
import { plural } from '../plural';

export const offers: typeof en = {
  description: 'Des lots de cours et de communautés que vous accordez ensemble.',
  offer: 'Offre',
  new: 'Nouvelle offre',
  none: 'Aucune offre pour l’instant',
  noneHint: 'Créez une offre, mettez-y des cours et des communautés, publiez-la, puis accordez-la à des contacts.',
  missing: 'Cette offre n’existe pas',
  tabs: { contents: 'Contenu', terms: 'Détails', holders: 'Titulaires' },
  courses: (count) => plural(count, '# cours', '# cours'),
  communities: (count) => plural(count, '# communauté', '# communautés'),
  empty: 'Rien pour l’instant',
  atOnce: 'Immédiatement',
  publishFirst: 'Publiez l’offre avant de l’accorder.',
  emptyFirst: 'Mettez-y un cours ou une communauté avant de la publier.',
  archiveConsequence: 'Elle ne peut plus être accordée. Ceux qui l’ont la gardent.',
  contentsHint: 'Toute personne qui a l’offre peut ouvrir tout cela. Une modification s’applique immédiatement.',
  addCourse: 'Ajouter un cours',
  addCommunity: 'Ajouter une communauté',
  added: (title) => `${title} fait maintenant partie de l’offre`,
  removed: (title) => `${title} ne fait plus partie de l’offre`,
  removeTitle: (title) => `Retirer ${title} de l’offre ?`,
  removeConsequence: (holders) => holders
    ? plural(holders, 'Cela se ferme pour # contact qui a l’offre, sauf si une autre attribution l’ouvre.', 'Cela se ferme pour # contacts qui ont l’offre, sauf si une autre attribution l’ouvre.')
    : 'Personne n’a encore l’offre : rien ne se ferme.',
  startsAt: 'Ouvre le',
  startsAtHint: 'Rien dans l’offre ne s’ouvre avant cette heure ; si vide, tout s’ouvre avec chaque attribution.',
  durationDays: 'Jours',
  durationDaysHint: 'Une attribution se termine après ce nombre de jours, comptés à partir de l’ouverture du contenu ; si vide, jamais. Une modification vaut pour les attributions suivantes.',
  listsBeforeStart: 'Afficher le contenu avant l’ouverture',
  listsBeforeStartHint: 'Le portail montre les titres et leur date d’ouverture, sans le contenu.',
  wrongDays: 'Saisissez un nombre entier de jours, 1 ou plus.',
  noHolders: 'Personne n’a cette offre',
  noHoldersHint: 'Accordez-la à des contacts : ils apparaîtront ici.',
};
