import type { links as en } from '../en/links';

export const links: typeof en = {
  title: 'Liens',
  description: 'Un lien magique connecte un contact, une seule fois. Les liens des invitations, des e-mails de connexion et des messages, et ceux que vous générez, sont tous ici ; leur URL ne peut plus être affichée.',
  generate: 'Générer un lien magique',
  tabs: 'Liens par état',
  tableLabel: (status) => `Liens magiques : ${status}`,
  only: 'Liens de',
  contact: 'Contact',
  purpose: 'Objet',
  section: 'Ouvre',
  limited: (section) => `${section} uniquement`,
  createdBy: 'Créé par',
  created: 'Créé',
  expires: 'Expire',
  used: 'Utilisé',
  revoke: 'Révoquer',
  revoked: (name) => `Le lien de ${name} ne fonctionne plus.`,
  revokeTitle: 'Révoquer ce lien ?',
  revokeText: (name) => `${name} ne pourra plus se connecter avec ce lien. Vous pouvez en envoyer ou en générer un nouveau à tout moment.`,
  none: {
    LIVE: 'Aucun lien valide', USED: 'Aucun lien n’a encore été utilisé', EXPIRED: 'Aucun lien n’a expiré',
    SUPERSEDED: 'Aucun lien n’a été remplacé', REVOKED: 'Aucun lien n’a été révoqué',
  },
  noneHint: 'Un lien apparaît ici dès que vous invitez un contact, envoyez un e-mail de connexion ou un message avec l’URL de connexion, ou générez un lien magique.',
  by: { member: 'Un membre de l’équipe', apiKey: 'Une clé d’API', contact: 'Le contact', anonymous: 'La page de connexion', system: 'Vestibule' },
};
