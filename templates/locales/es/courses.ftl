# Las páginas de los cursos y las lecciones.

courses-none = { $portal } todavía no tiene cursos para ti.
courses-previous = Cursos anteriores
courses-next = Más cursos
course-progress = { $done } de { $total } { $total ->
    [one] lección completada
   *[other] lecciones completadas
}
course-completed = Completado
course-completed-on = Completaste este curso el { $date }.
course-elsewhere = Este curso está en otro sitio web.
course-open = Abrir el curso
course-no-lessons = Pronto habrá lecciones.
course-start = Empezar el curso
course-next = Siguiente lección:
lesson-started = Empezada
lesson-completed = Completada
lesson-text = Texto
lesson-video = Vídeo
lesson-link = Enlace
lesson-minutes = { $minutes } min
lesson-place = Lección { $number } de { $total }
lesson-video-title = Vídeo: { $title }
lesson-watch = Ver el vídeo
lesson-open-link = Abrir el enlace
lesson-complete = Marcar como completada
lesson-completed-on = Completaste esta lección el { $date }.
lesson-next = Siguiente lección
lesson-to-course = Volver al curso
lesson-neighbours = Lecciones anterior y siguiente
lesson-previous = Anterior
lesson-following = Siguiente
lesson-closed = Este curso está cerrado
lesson-closed-words = Ya no puedes abrirlo en { $portal }, así que no se ha registrado nada. Tu progreso anterior se conserva.
lesson-closed-next = Ver tus cursos
