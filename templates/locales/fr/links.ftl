# The page of a magic link.

link-switch = Passer à { $name } ?
link-switch-title = Passer à { $name }
link-switch-text = Vous êtes connecté à { $portal } en tant que <strong>{ $other }</strong>. Ce lien est destiné à <strong>{ $name }</strong>.
link-welcome = Bienvenue chez { $portal }
link-invitation-for = Cette invitation est destinée à <strong>{ $name }</strong>.
link-signing-in-as = Vous vous connectez en tant que <strong>{ $name }</strong>.
link-name-and-address = { $name } ({ $email })
link-opens-in = S’ouvre dans : <strong>{ $destination }</strong>.
link-opens-only = S’ouvre dans : <strong>{ $destination }</strong>. Donne accès uniquement à cette section.
link-stay = Rester connecté en tant que { $name }
link-join = Rejoindre { $portal }
link-switching-signs-out = Changer déconnecte { $name } dans ce navigateur.
link-hint = Vous n’êtes connecté qu’après avoir appuyé sur le bouton. Ce n’est pas vous ? Fermez cette page.

# A link that is refused.

link-invalid = Ce lien ne fonctionne pas
link-invalid-text = Il en manque peut-être une partie. Ouvrez de nouveau le lien de votre e-mail ou copiez le lien entier.
link-expired = Ce lien a expiré
link-expired-text = Les liens fonctionnent pendant une durée limitée, afin qu’un ancien e-mail ne puisse pas servir à se connecter à votre place.
link-used = Ce lien a déjà été utilisé
link-used-text = Chaque lien fonctionne une fois. Si vous ne l’avez pas utilisé vous-même, contactez { $support }.
link-superseded = Ce lien a été remplacé
link-superseded-text = Nous vous avons envoyé un lien plus récent. Veuillez utiliser le dernier e-mail.
link-revoked = Ce lien ne fonctionne plus
link-revoked-text = Il a été retiré, ou vous vous êtes connecté autrement depuis.
link-just-used = Ce lien vient d’être utilisé
link-just-used-text = Il a été utilisé dans un autre navigateur à l’instant. Si ce n’était pas vous, réessayez dans quelques secondes.
link-access-ended = Votre accès a pris fin
link-access-ended-text = Vous n’avez plus accès à ce portail. Si vous pensez qu’il s’agit d’une erreur, contactez { $support }.
link-disabled = Les liens de connexion sont désactivés
link-disabled-text = Veuillez vous connecter autrement.
link-new-offer = Nous pouvons envoyer un nouveau lien à <strong>{ $email }</strong>.
link-email-new = M’envoyer un nouveau lien
link-new-sent = Un nouveau lien est en route vers { $email }.
link-other-address = Se connecter avec une autre adresse e-mail

# The sign-in links of team members.

staff-link-heading = Connexion au tableau de bord de { $account }
staff-link-title = Se connecter au tableau de bord
staff-link-switch-text = Vous êtes connecté au tableau de bord de { $account } en tant que <strong>{ $other }</strong>. Ce lien est destiné à <strong>{ $name }</strong>.
staff-link-hint = Ce lien fonctionne une fois. Vous n’êtes connecté qu’après avoir appuyé sur le bouton.
staff-link-invalid = Ce lien de connexion ne fonctionne pas
staff-link-invalid-text = Il en manque peut-être une partie. Copiez le lien entier ou connectez-vous avec votre adresse e-mail.
staff-link-expired = Ce lien de connexion a expiré
staff-link-expired-text = Les liens fonctionnent pendant une durée limitée. Connectez-vous avec votre adresse e-mail pour en recevoir un nouveau.
staff-link-used = Ce lien de connexion a déjà été utilisé
staff-link-used-text = Chaque lien fonctionne une fois. Si vous ne l’avez pas utilisé vous-même, connectez-vous et vérifiez dans votre profil où vous êtes connecté.

# Choosing a dashboard.

choose-title = Tableau de bord
choose-sign-in = Connectez-vous à votre tableau de bord
choose-heading = Choisissez un tableau de bord
choose-account = Compte
choose-other = Un autre compte
choose-hint = La dernière partie de l’adresse de votre tableau de bord : <strong>acme</strong> dans /dashboard/acme.
choose-unknown = Aucun compte de ce nom n’a été trouvé. Vérifiez l’orthographe.
dashboard-needs-script = Le tableau de bord a besoin de JavaScript. Le portail fonctionne sans.
dashboard-profile = Votre mot de passe et vos sessions

# L’affichage du portail en tant que contact, pour les membres de l’équipe.

view-heading = Voir le portail en tant que { $name }
view-text = Vous verrez le portail comme ce contact le voit, pendant 15 minutes. Vous ne pouvez rien modifier, et cela ne compte pas comme une visite.
view-open = Voir le portail
view-banner = { $member } voit ce portail en tant que { $contact }, en lecture seule, jusqu’au { $time }.
view-end = Terminer l’affichage
view-ended = Cet affichage est terminé
view-ended-text = Un affichage dure 15 minutes au plus. Vous pouvez en ouvrir un autre depuis le contact dans le tableau de bord.
view-not-allowed-text = Vous vous êtes déconnecté du tableau de bord, ou votre rôle a changé. Reconnectez-vous pour ouvrir un nouvel affichage.
view-revoked-text = L’accès du contact au portail a été révoqué.
view-deleted-text = Le contact a été supprimé.
view-link-invalid = Ce lien ne fonctionne pas
view-link-invalid-text = Il en manque peut-être une partie. Obtenez un nouveau lien depuis le contact dans le tableau de bord.
view-link-expired = Ce lien a expiré
view-link-expired-text = Il fonctionne pendant une minute. Obtenez un nouveau lien depuis le contact dans le tableau de bord.
view-link-used = Ce lien a déjà été utilisé
view-link-used-text = Chaque lien fonctionne une seule fois. Obtenez un nouveau lien depuis le contact dans le tableau de bord.
view-to-dashboard = Aller au tableau de bord
