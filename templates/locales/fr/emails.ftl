# What all emails share.

email-hello = Bonjour,
email-hello-name = Bonjour { $name },
email-button-fails = Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :
email-support = Des questions ? Contactez { $support }.
email-use-button = Utilisez le bouton ci-dessous, puis confirmez sur la page qui s’ouvre.
email-open-link = Ouvrez le lien ci-dessous, puis confirmez sur la page qui s’ouvre.
email-no-password = Vous n’avez pas besoin de mot de passe.
email-works-once = Le lien fonctionne une fois et expire le { $time }. Il n’est que pour vous : ne transférez pas cet e-mail.
email-ignore = Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail : personne ne peut se connecter sans lui.
email-not-me = Ce n’était pas moi
email-not-me-sign-in = Vous pouvez aussi nous dire que ce n’était pas vous. Cela annule cette connexion et suspend les e-mails à cette adresse pendant 24 heures.
email-if-you = Si c’était vous, vous n’avez rien à faire.
email-when = Quand
email-how = Comment
email-device = Appareil
email-network = Réseau

# Where a link leads: a section, or the dashboard.

email-open = { $destination ->
    [HOME] Ouvrir le portail
    [COURSES] Ouvrir vos formations
    [COMMUNITIES] Ouvrir vos communautés
    [AFFILIATES] Ouvrir votre espace d’affiliation
   *[DASHBOARD] Ouvrir le tableau de bord
}
email-sign-in-to = { $destination ->
    [HOME] Se connecter au portail
    [COURSES] Accéder à vos formations
    [COMMUNITIES] Accéder à vos communautés
    [AFFILIATES] Accéder à votre espace d’affiliation
   *[DASHBOARD] Se connecter au tableau de bord
}

# Invitations.

invitation-subject = { $portal } vous invite sur son portail
invitation-text = { $portal } vous invite sur son portail.
invitation-note = Un mot de { $portal }
invitation-expires = L’invitation expire le { $time }. Elle n’est que pour vous : quiconque a cet e-mail peut l’utiliser, ne le transférez donc pas.

# Login emails and magic links.

login-email-subject = Connexion à { $portal }
login-email-text = Voici votre lien de connexion : { $target }.
magic-link-subject = { $destination ->
    [HOME] { $portal } vous envoie un lien vers le portail
    [COURSES] { $portal } vous envoie un lien vers vos formations
    [COMMUNITIES] { $portal } vous envoie un lien vers vos communautés
    [AFFILIATES] { $portal } vous envoie un lien vers votre espace d’affiliation
   *[DASHBOARD] { $portal } vous envoie un lien vers le tableau de bord
}
magic-link-text = { $destination ->
    [HOME] { $portal } vous envoie un lien qui vous connecte et vous mène au portail.
    [COURSES] { $portal } vous envoie un lien qui vous connecte et vous mène à vos formations.
    [COMMUNITIES] { $portal } vous envoie un lien qui vous connecte et vous mène à vos communautés.
    [AFFILIATES] { $portal } vous envoie un lien qui vous connecte et vous mène à votre espace d’affiliation.
   *[DASHBOARD] { $portal } vous envoie un lien qui vous connecte et vous mène au tableau de bord.
}
magic-link-sms = { $portal } : connectez-vous avec ce lien. Il fonctionne une seule fois, pendant { $lifetime } : { $link }
sms-help = { $portal } : pour ne plus recevoir ces messages, répondez STOP.
sms-help-support = { $portal } : pour de l'aide, écrivez à { $support }. Pour ne plus recevoir ces messages, répondez STOP.

# A sign-in that was requested.

requested-login-subject = Votre lien de connexion à { $portal }
requested-login-text = Vous avez demandé à vous connecter : { $target }.
requested-login-code = Ou saisissez ce code sur l’appareil où vous avez demandé à vous connecter :
requested-login-either = Utilisez le lien ou le code. Ils fonctionnent une fois et expirent { $lifetime } après votre demande. Ne communiquez jamais le code : nous ne vous le demanderons jamais.
requested-login-expires = Le lien fonctionne une fois et expire { $lifetime } après votre demande.
staff-login-subject = Connexion au tableau de bord de { $portal }
login-code-subject = Votre code de connexion à { $portal }
login-code-text = Vous avez demandé un code pour vous connecter : { $target }. Saisissez-le sur l’appareil où vous l’avez demandé :
login-code-expires = Le code fonctionne une fois et expire { $lifetime } après votre demande. Ne le communiquez jamais : nous ne vous le demanderons jamais.
sign-up-subject = Votre code pour rejoindre { $portal }
sign-up-text = Vous avez demandé à rejoindre { $target }. Saisissez ce code là où vous l’avez demandé :
sign-up-ignore = Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail : aucun compte n’est créé sans le code.

# Passwords.

password-reset-subject = Réinitialisez votre mot de passe pour { $portal }
password-reset-text = Nous avons reçu une demande de réinitialisation de votre mot de passe : { $target }.
password-reset-use-button = Utilisez le bouton ci-dessous pour en choisir un nouveau.
password-reset-open-link = Ouvrez le lien ci-dessous pour en choisir un nouveau.
password-reset-button = Choisir un nouveau mot de passe
password-reset-expires = Le lien fonctionne une fois et expire { $lifetime } après la demande.
password-reset-ignore = Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail : votre mot de passe reste le même.
password-reset-not-me = Vous pouvez aussi nous dire que ce n’était pas vous. Cela annule le lien et suspend les e-mails à cette adresse pendant 24 heures.
password-changed-subject = Votre mot de passe pour { $portal } a été modifié
password-changed-text = Votre mot de passe a été défini ou modifié : { $target }.
password-changed-not-me = Si ce n’était pas vous, dites-le-nous maintenant. Cela déconnecte tous les appareils et désactive le mot de passe. Choisissez-en ensuite un nouveau avec « Mot de passe oublié ? » sur la page de connexion.

# A new device.

new-device-subject = Un nouvel appareil s’est connecté à { $portal }
new-device-text = Un nouvel appareil s’est connecté à votre place : { $target }.
new-device-not-me = Si ce n’était pas vous, dites-le-nous maintenant. Cela déconnecte l’appareil et désactive ce qui l’a connecté.
new-device-staff-link = avec un lien créé par l’équipe
new-device-link = avec un lien
new-device-code = avec un code
new-device-password = avec un mot de passe
new-device-google = avec Google
new-device-challenge = confirmé sur un autre appareil
new-device-step-up = en confirmant votre identité

# The address was changed.

address-changed-subject = Votre adresse e-mail pour { $portal } a été modifiée
address-changed-text = L’adresse e-mail de votre compte a été modifiée : { $target }. Cette adresse ne permet plus de se connecter.
address-changed-new = Nouvelle adresse
address-changed-none = aucune
address-changed-effects = Tous les appareils ont été déconnectés. Les liens et codes envoyés ici ne fonctionnent plus, pas plus que votre mot de passe et votre compte Google.
address-changed-contact = Si vous n’avez pas demandé cette modification, contactez { $portal }.

# Two contacts were merged.

contacts-merged-subject = Vos comptes { $portal } ont été réunis
contacts-merged-text = Vous aviez deux comptes, qui ont été réunis : { $target }. Tout ce que vous aviez se trouve dans celui qui reste.
contacts-merged-address = Se connecter avec
contacts-merged-stays = Vous continuez à vous connecter avec cette adresse. Le mot de passe ou le compte Google de l’autre adresse ne fonctionne plus.
contacts-merged-gone = Cette adresse ne permet plus de se connecter : ses appareils ont été déconnectés, et son mot de passe, son compte Google et ses codes ne fonctionnent plus. Les liens de connexion envoyés ici auparavant fonctionnent jusqu’à leur expiration.
contacts-merged-contact = Si vous ne l’avez pas demandé, ou si un seul des comptes était le vôtre, contactez { $portal }.

# Invitations to the team.

team-invitation-subject = { $portal } vous invite à rejoindre son équipe
team-invitation-text = { $portal } vous invite à rejoindre son équipe.
team-invitation-use-button = Utilisez le bouton ci-dessous, puis confirmez sur la page qui s’ouvre pour accéder au tableau de bord.
team-invitation-open-link = Ouvrez le lien ci-dessous, puis confirmez sur la page qui s’ouvre pour accéder au tableau de bord.
team-invitation-role = Rôle
role-owner = propriétaire
role-admin = administrateur
role-staff = équipe
role-read-only = lecture seule

# Ce que le personnel s’envoie à lui-même.

test-email-subject = [Essai] { $subject }
