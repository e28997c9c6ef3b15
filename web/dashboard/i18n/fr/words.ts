import type { words as en } from '../en/words';

export const words: typeof en = {
  portalStatus: { NOT_INVITED: 'Non invité', INVITED: 'Invité', ACTIVE: 'Inscrit', REVOKED: 'Accès révoqué' },
  invitationStatus: { OPEN: 'Ouverte', EXPIRED: 'Expirée', ACCEPTED: 'Acceptée', CANCELLED: 'Annulée' },
  messageStatus: {
    QUEUED: 'En attente', SENDING: 'En cours d’envoi', SENT: 'Envoyé', DELIVERED: 'Distribué', DEFERRED: 'Différé', KEPT: 'Conservé sur ce serveur',
    BOUNCED: 'Rejeté', FAILED: 'Échec', SUPPRESSED: 'Non envoyé', CANCELLED: 'Annulé',
  },
  messageKind: {
    CONTACTS_MERGED: 'Contacts fusionnés',
    ADDRESS_CHANGED: 'Changement d’adresse', INVITATION: 'Invitation', LOGIN_CODE: 'Code de connexion', SIGN_UP_CODE: 'Code d’inscription', WRITTEN: 'Écrit par l’équipe', LOGIN_EMAIL: 'E-mail de connexion',
    MAGIC_LINK: 'Lien magique', NEW_DEVICE: 'Nouvel appareil', PASSWORD_CHANGED: 'Mot de passe modifié',
    PASSWORD_RESET: 'Réinitialisation du mot de passe', REQUESTED_LOGIN: 'Connexion demandée',
  },
  contentStatus: { DRAFT: 'Brouillon', PUBLISHED: 'Publié', ARCHIVED: 'Archivé' },
  lessonKind: { TEXT: 'Texte', VIDEO: 'Vidéo', LINK: 'Lien' },
  channel: { EMAIL: 'E-mail', SMS: 'SMS' },
  section: { HOME: 'Accueil', COURSES: 'Cours', COMMUNITIES: 'Communautés', AFFILIATES: 'Affiliés' },
  linkStatus: { LIVE: 'Valide', USED: 'Utilisé', EXPIRED: 'Expiré', SUPERSEDED: 'Remplacé', REVOKED: 'Révoqué' },
  linkPurpose: {
    GENERATED: 'Généré', INVITATION: 'Invitation', LOGIN_EMAIL: 'E-mail de connexion', MESSAGE: 'Message', REQUESTED: 'Connexion demandée',
  },
  jobKind: {
    ACCESS: 'Accès', GRANT: 'Cours et offres', IMPORT: 'Import', INVITE: 'Invitations', LOGIN_EMAIL: 'E-mails de connexion', MESSAGE: 'Messages', TAG: 'Étiquettes',
    RESEND_INVITATIONS: 'Renvoi d’invitations', CANCEL_INVITATIONS: 'Annulation d’invitations',
  },
  jobStatus: {
    QUEUED: 'En attente', RUNNING: 'En cours', PAUSED: 'En pause', SUCCEEDED: 'Terminée', FAILED: 'Échec', CANCELLED: 'Annulée',
  },
  itemOutcome: { DONE: 'Fait', UPDATED: 'Mis à jour', UNCHANGED: 'Inchangé', SKIPPED: 'Ignoré', FAILED: 'Échec' },
  skipReason: {
    ALREADY_ACTIVE: 'Déjà inscrit', ALREADY_INVITED: 'Déjà invité', DUPLICATE: 'Présent deux fois',
    INVALID_EMAIL: 'Adresse e-mail incorrecte', NOT_FOUND: 'Introuvable', NO_EMAIL: 'Sans adresse e-mail', REVOKED: 'Accès révoqué',
    SUPPRESSED: 'Les e-mails à cette adresse sont suspendus', ALREADY_REVOKED: 'Accès déjà révoqué', NOT_REVOKED: 'Accès non révoqué',
    TOO_MANY_TAGS: 'Aurait trop d’étiquettes',
    NO_PHONE: 'Sans numéro de téléphone', INVALID_PHONE: 'Numéro de téléphone incorrect',
    UNSUBSCRIBED: 'S’est désabonné des e-mails publicitaires',
  },
  suppression: {
    BOUNCED: 'L’adresse a rejeté l’e-mail', COMPLAINED: 'Signalé comme spam', NOT_ME: 'Le destinataire n’avait pas demandé d’e-mail', STOPPED: 'A répondu STOP',
  },
  role: { OWNER: 'Propriétaire', ADMIN: 'Administrateur', STAFF: 'Équipe', READ_ONLY: 'Lecture seule' },
  sessionMethod: {
    CHALLENGE: 'Connexion confirmée', CODE: 'Code', GOOGLE: 'Google', LINK: 'Lien', PASSWORD: 'Mot de passe', STAFF_LINK: 'Lien de connexion',
    STEP_UP: 'Nouvelle preuve',
  },
  scope: { READ: 'Lire', INVITE: 'Inviter', LINKS: 'Liens', CONTACTS: 'Contacts', CONTENT: 'Contenu', AFFILIATES: 'Affiliés', ADMIN: 'Administration' },
  grantStatus: { SCHEDULED: 'Programmé', ACTIVE: 'Actif', ENDED: 'Terminé', REVOKED: 'Retiré' },
  grantSource: { DIRECT: 'Direct', IMPORT: 'Import', WORKFLOW: 'Workflow' },
  scopeHint: {
    READ: 'Chiffres, contacts et messages', INVITE: 'Inviter des contacts et envoyer des e-mails de connexion', LINKS: 'Créer des liens magiques',
    CONTACTS: 'Modifier les contacts et leur accès', CONTENT: 'Écrire des cours, des communautés, des offres et des menus',
    AFFILIATES: 'Enregistrer les ventes des affiliés', ADMIN: 'Paramètres et journal d’audit',
  },
};
