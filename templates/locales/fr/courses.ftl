# Les pages des cours et des leçons.

courses-none = { $portal } n’a pas encore de cours pour vous.
courses-previous = Cours précédents
courses-next = Plus de cours
course-progress = { $done } sur { $total } { $total ->
    [one] leçon terminée
   *[other] leçons terminées
}
course-completed = Terminé
course-completed-on = Vous avez terminé ce cours le { $date }.
course-elsewhere = Ce cours se trouve sur un autre site.
course-open = Ouvrir le cours
course-no-lessons = Les leçons arrivent bientôt.
course-start = Commencer le cours
course-next = Leçon suivante :
lesson-started = Commencée
lesson-completed = Terminée
lesson-text = Texte
lesson-video = Vidéo
lesson-link = Lien
lesson-minutes = { $minutes } min
lesson-place = Leçon { $number } sur { $total }
lesson-video-title = Vidéo : { $title }
lesson-watch = Regarder la vidéo
lesson-open-link = Ouvrir le lien
lesson-complete = Marquer comme terminée
lesson-completed-on = Vous avez terminé cette leçon le { $date }.
lesson-next = Leçon suivante
lesson-to-course = Retour au cours
lesson-neighbours = Leçons précédente et suivante
lesson-previous = Précédente
lesson-following = Suivante
lesson-closed = Ce cours est fermé
lesson-closed-words = Vous ne pouvez plus l’ouvrir chez { $portal } : rien n’a été enregistré. Votre progression antérieure est conservée.
lesson-closed-next = Voir vos cours
