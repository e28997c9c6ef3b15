# Le cadre et la page d’accueil d’un portail.

portal-sections = Sections
portal-limited = Votre lien de connexion n’ouvre que cette section.
portal-confirm = Confirmez votre identité pour ouvrir le reste
portal-section-off = « { $section } » est désactivé chez { $portal }.
home-hello = Bonjour { $name }
home-welcome = Bienvenue chez { $portal }.
home-no-password = Vous vous connectez par e-mail, sans mot de passe.
home-set-password = Définissez un mot de passe si vous préférez
home-continue = Reprendre où vous en étiez
home-new = Nouveautés
home-new-course = Nouveau cours
home-new-community = Nouvelle communauté
home-empty = Il n’y a encore rien ici
home-empty-words = Dès que { $portal } vous ouvrira un contenu, vous le trouverez ici.
home-open = Ouvrir : { $section }
opens-on = Ouvre le { $date }
