# What all pages share.

the-dashboard = le tableau de bord de { $account }
continue = Continuer
sign-in = Se connecter
sign-out = Se déconnecter
back = Retour
try-again = Réessayer
check-your-email = Consultez vos e-mails
email-address = Adresse e-mail
password = Mot de passe
or = ou
confirm-its-you = Confirmez votre identité

# The name of a section in menus; its name within a sentence: "Opens in your courses".

section-name = { $section ->
    [HOME] Accueil
    [COURSES] Formations
    [COMMUNITIES] Communautés
   *[AFFILIATES] Affiliation
}
section-phrase = { $section ->
    [HOME] la page d’accueil
    [COURSES] vos formations
    [COMMUNITIES] vos communautés
   *[AFFILIATES] votre espace d’affiliation
}
opens-in = S’ouvre dans : { $destination }.

# Waiting times.

seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
try-again-in = Réessayez dans <strong>{ $wait }</strong>.

# A device, from its User-Agent.

device-browser-on-system = { $browser } sur { $system }
device-any-browser-on-system = un navigateur sur { $system }
device-any-browser = un navigateur
device-program = un programme ({ $name })
device-any-program = un programme
device-unknown = un appareil inconnu

# Error pages.

error-not-found = Page introuvable
error-not-found-text = Il n’y a pas de page à cette adresse. Vérifiez l’orthographe ou partez de la page d’accueil.
error-bad-request = Cette demande ne peut pas être traitée
error-bad-request-text = Une partie manque ou est incorrecte.
error-forbidden = Accès refusé
error-forbidden-text = Vous êtes connecté, mais vous n’avez pas accès à cette page.
error-form-expired = Ce formulaire a expiré
error-form-expired-text = Il est resté ouvert trop longtemps ou votre navigateur bloque les cookies de ce site. Rien n’a été modifié : ouvrez de nouveau le formulaire et renvoyez-le.
error-conflict = Votre modification n’a pas été enregistrée
error-conflict-text = Une autre demande a modifié cela en même temps. Réessayez.
error-too-many = Trop de demandes
error-too-many-text = Vous avez envoyé en peu de temps plus de demandes que nous n’en acceptons.
error-internal = Une erreur s’est produite
error-internal-text = L’erreur vient de nous et a été enregistrée. Si elle se reproduit, contactez-nous en indiquant cet identifiant :
error-unavailable = Temporairement indisponible
error-unavailable-text = Nous ne pouvons pas répondre pour le moment. Réessayez dans quelques secondes.
error-open-form = Ouvrir de nouveau le formulaire
error-back-to-form = Retour au formulaire
error-go-home = Aller à { $name }
