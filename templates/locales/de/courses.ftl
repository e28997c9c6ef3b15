# Die Seiten der Kurse und Lektionen.

courses-none = { $portal } hat noch keine Kurse für Sie.
courses-previous = Vorherige Kurse
courses-next = Weitere Kurse
course-progress = { $done } von { $total } { $total ->
    [one] Lektion
   *[other] Lektionen
} abgeschlossen
course-completed = Abgeschlossen
course-completed-on = Sie haben diesen Kurs am { $date } abgeschlossen.
course-elsewhere = Dieser Kurs ist auf einer anderen Website.
course-open = Kurs öffnen
course-no-lessons = Die Lektionen folgen bald.
course-start = Kurs beginnen
course-next = Nächste Lektion:
lesson-started = Begonnen
lesson-completed = Abgeschlossen
lesson-text = Text
lesson-video = Video
lesson-link = Link
lesson-minutes = { $minutes } Min.
lesson-place = Lektion { $number } von { $total }
lesson-video-title = Video: { $title }
lesson-watch = Video ansehen
lesson-open-link = Link öffnen
lesson-complete = Als abgeschlossen markieren
lesson-completed-on = Sie haben diese Lektion am { $date } abgeschlossen.
lesson-next = Nächste Lektion
lesson-to-course = Zurück zum Kurs
lesson-neighbours = Lektionen davor und danach
lesson-previous = Zurück
lesson-following = Weiter
lesson-closed = Dieser Kurs ist geschlossen
lesson-closed-words = Sie können ihn bei { $portal } nicht mehr öffnen, daher wurde nichts gespeichert. Ihr bisheriger Fortschritt bleibt erhalten.
lesson-closed-next = Ihre Kurse ansehen
