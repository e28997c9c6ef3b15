# Signing in.

login-heading = Connexion à { $destination }
login-by-email = Nous vous enverrons un lien de connexion par e-mail. Aucun mot de passe n’est nécessaire.
login-new-here = Nouveau ici ? Saisissez votre adresse e-mail, et nous vous enverrons un code pour vous inscrire.
login-email-me = M’envoyer un lien de connexion
login-google = Continuer avec Google
login-use-password = Utiliser un mot de passe
login-ended = Votre session est terminée. Veuillez vous reconnecter.
login-password-title = Se connecter avec un mot de passe
login-forgot = Mot de passe oublié ?
login-by-email-instead = Se connecter plutôt par e-mail

# The address that was typed.

address-invalid = Saisissez une adresse e-mail telle que anna@example.com.
address-too-long = Cette adresse e-mail est trop longue : elle peut avoir 254 caractères au plus.
address-domain = Vérifiez la partie après l’@ : ce n’est pas un domaine valide tel que example.com.
address-local-part = La partie avant l’@ ne peut contenir que des caractères ASCII.

# Waiting for an email.

wait-sent = Si <strong>{ $email }</strong> peut se connecter ici, un e-mail avec un lien et un code est en route.
wait-code = Code de l’e-mail
wait-sign-in = Se connecter avec le code
wait-opened = Le lien a été ouvert sur un autre appareil. Choisissez-y ce nombre :
wait-open = Ouvrez le lien de l’e-mail. Si vous l’ouvrez sur un autre appareil, choisissez-y ce nombre :
wait-chosen = J’ai choisi le nombre
wait-no-email = Pas encore d’e-mail ?
wait-be-patient = Il peut mettre une minute à arriver. Vérifiez aussi vos indésirables. Seul le dernier e-mail fonctionne.
wait-resend = Renvoyer
wait-resend-seconds = Renvoyer dans { $count } s
wait-resend-minutes = Renvoyer dans { $count } min
wait-other-address = Utiliser une autre adresse e-mail
wait-confirmed = Connexion confirmée
wait-confirmed-text = Vous avez confirmé cette connexion sur votre autre appareil.
wait-ended = Cette connexion est terminée
wait-ended-text = Elle a déjà été utilisée, a expiré ou a été remplacée par une plus récente. Veuillez recommencer.

# Confirming another device.

confirm-heading = Se connecter sur un autre appareil ?
confirm-requested = Vous êtes connecté sur cet appareil. L’e-mail a été demandé depuis <strong>{ $device }</strong>, réseau { $network }, { $ago }.
confirm-unknown-network = inconnu
confirm-choose = Si cet appareil est le vôtre, choisissez le nombre qu’il affiche pour le connecter aussi.
confirm-deny = Ce n’était pas moi
confirm-stays-out = L’autre appareil reste déconnecté tant que vous ne choisissez pas son nombre.
confirm-only-here = Continuer uniquement sur cet appareil
confirm-ago = { $minutes ->
    [0] il y a moins d’une minute
    [1] il y a une minute
   *[other] il y a { $minutes } minutes
}
confirm-done = L’autre appareil est connecté
confirm-done-text = Il continue de lui-même, ou avec le lien de sa page.
confirm-denied = L’autre appareil n’a pas été connecté
confirm-denied-text = La demande a été refusée. Vous restez connecté sur cet appareil.
confirm-wrong-number = Mauvais nombre
confirm-wrong-number-text = L’autre appareil n’a pas été connecté. S’il est à vous, recommencez sur cet appareil.
confirm-already-ended-text = Elle a déjà abouti ou a expiré. Vous êtes connecté sur cet appareil.

# Passwords.

new-password = Nouveau mot de passe
new-password-hint = Au moins { $shortest } caractères. Quelques mots faciles à retenir conviennent bien.
forgot-heading = Réinitialisez votre mot de passe
forgot-text = Nous vous enverrons un lien pour choisir un nouveau mot de passe. Il fonctionne une fois et expire au bout de 30 minutes.
forgot-email-me = M’envoyer un lien
forgot-back = Retour à la connexion
forgot-sent = Si { $email } peut se connecter ici, un e-mail avec un lien pour choisir un nouveau mot de passe est en route. Il expire au bout de 30 minutes.
reset-heading = Choisissez un mot de passe
reset-text = Pour <strong>{ $email }</strong>. L’enregistrer vous déconnecte de tous les appareils. Connectez-vous ensuite avec le nouveau mot de passe.
reset-save = Enregistrer le mot de passe
reset-done = Votre mot de passe est enregistré
reset-done-text = Vous avez été déconnecté de tous les appareils. Connectez-vous avec le nouveau mot de passe.
reset-request-new = Demander un nouveau lien
password-unusable = Ce mot de passe n’a aucun caractère, en a trop ou en contient qu’on ne peut pas saisir. Choisissez-en un autre.
password-conflict = Votre mot de passe a été modifié en même temps. Réessayez.

# Why a sign-in or a password was refused.

refused-wait = { $message } Réessayez dans { $wait }.
refused-credentials = Adresse e-mail, mot de passe ou code incorrect.
refused-password = Adresse e-mail ou mot de passe incorrect.
refused-current-password = Le mot de passe actuel est incorrect.
refused-step-up = Mot de passe ou code incorrect.
refused-link-invalid = Ce lien n’est pas valide. Vérifiez qu’il est complet ou demandez-en un nouveau.
refused-link-expired = Ce lien a expiré. Demandez-en un nouveau.
refused-link-used = Ce lien a déjà été utilisé. Demandez-en un nouveau.
refused-link-superseded = Ce lien a été remplacé par un plus récent. Utilisez le plus récent ou demandez-en un nouveau.
refused-link-revoked = Ce lien ne fonctionne plus. Demandez-en un nouveau.
refused-code = Ce code est incorrect.
refused-code-expired = Ce code a expiré. Demandez-en un nouveau.
refused-attempts = Trop de tentatives. Patientez ou connectez-vous autrement.
refused-revoked = Votre accès à ce portail a été révoqué.
refused-method = Cette méthode de connexion est désactivée ici. Utilisez-en une autre.
refused-google-unverified = Google n’a pas vérifié cette adresse e-mail. Connectez-vous autrement.
refused-proof-needed = Confirmez d’abord votre identité ou reconnectez-vous.
refused-pending = Cette connexion n’est pas encore confirmée. Confirmez-la sur votre autre appareil.
refused-password-short = Ce mot de passe est trop court. Choisissez-en un plus long.
refused-password-common = Ce mot de passe est trop facile à deviner. Choisissez-en un autre.
refused-password-name = Un mot de passe ne peut pas être le nom du portail ni le vôtre. Choisissez-en un autre.

# Google.

google-foreign = Cette réponse de Google n’appartient pas à une connexion commencée ici. Veuillez recommencer.
google-other-browser = Cette connexion a été commencée dans un autre navigateur ou a expiré. Veuillez recommencer.
google-refused = Google ne vous a pas connecté. Réessayez ou connectez-vous autrement.
google-unknown = L’adresse e-mail de ce compte Google ne peut pas se connecter ici. Utilisez-en un autre ou connectez-vous autrement.
google-not-signed-in = Vous n’êtes pas connecté

# The step-up.

step-up-code-sent = Nous avons envoyé un code à <strong>{ $email }</strong>.
step-up-new-code = M’envoyer un nouveau code
step-up-email-code = Envoyer un code à { $email }
step-up-with-password = Continuer avec le mot de passe
step-up-back = Retour : { $destination }
step-up-profile = votre profil
step-up-limited = Vous vous êtes connecté avec un lien qui n’ouvre que ceci : { $open }. Pour ouvrir { $destination }, confirmez votre identité.
step-up-for-password = Pour définir un mot de passe, confirmez d’abord votre identité.

# "This wasn't me".

not-me = Ce n’était pas moi
not-me-sign-in = Vous n’avez pas demandé à vous connecter ?
not-me-reset = Vous n’avez pas demandé à réinitialiser votre mot de passe ?
not-me-new-device = Vous ne vous êtes pas connecté sur un nouvel appareil ?
not-me-password = Vous n’avez pas changé votre mot de passe ?
not-me-thanks = Merci de nous avoir prévenus
not-me-text = Nous avons envoyé un e-mail à ce sujet à <strong>{ $email }</strong>. Si ce n’était pas vous, appuyez sur le bouton. Alors :
not-me-link-and-code = Le lien et le code de cet e-mail ne fonctionnent plus.
not-me-devices = Tout appareil connecté grâce à eux est déconnecté.
not-me-reset-link = Le lien de cet e-mail ne fonctionne plus. Votre mot de passe reste le même.
not-me-device = Cet appareil est déconnecté.
not-me-method = Ce qui l’a connecté ne fonctionne plus. Si c’était votre mot de passe, réinitialisez-le par e-mail pour en choisir un nouveau.
not-me-all-devices = Tous les appareils sont déconnectés, y compris celui-ci.
not-me-new-password = Votre mot de passe ne fonctionne plus. Réinitialisez-le par e-mail pour en choisir un nouveau.
not-me-paused = Les e-mails à <strong>{ $email }</strong> sont suspendus pendant 24 heures. { $portal } peut les rétablir plus tôt.
not-me-pauses = Les e-mails à cette adresse sont suspendus pendant 24 heures. { $portal } peut les rétablir plus tôt.
not-me-hint = Rien ne change tant que vous n’appuyez pas sur le bouton. Si c’était vous, fermez cette page.
not-me-unknown-text = Il en manque peut-être une partie, ou l’e-mail a plus de 7 jours. Ouvrez de nouveau le lien de votre e-mail ou copiez le lien entier.
not-me-unknown-hint = Si vous pensez qu’une autre personne est connectée à votre place, connectez-vous et mettez fin à sa session dans votre profil, ou contactez { $portal }.
