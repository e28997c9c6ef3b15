import type { common as en } from '../en/common';

export const common: typeof en = {
  unreachable: 'Le serveur est injoignable. Votre saisie est conservée : réessayez dans un instant.',
  tryAgainIn: (seconds: number) => `Réessayez dans ${seconds} s.`,
  save: 'Enregistrer',
  cancel: 'Annuler',
  close: 'Fermer',
  remove: 'Retirer',
  edit: 'Modifier',
  undo: 'Annuler l’action',
  saved: 'Enregistré',
  copy: 'Copier',
  none: 'Aucun',
  optional: 'facultatif',
  loading: 'Chargement',
  notFound: 'Introuvable',
  notFoundHint: 'L’élément a peut-être été supprimé, ou l’adresse est incorrecte.',
  aContact: 'Un contact',
  noRole: (role: string) => `Votre rôle (${role}) ne le permet pas. Demandez à un propriétaire ou à un administrateur.`,
};
