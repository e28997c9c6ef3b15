# What all pages share.

the-dashboard = el panel de { $account }
continue = Continuar
sign-in = Iniciar sesión
sign-out = Cerrar sesión
back = Volver
try-again = Intentar de nuevo
check-your-email = Revise su correo
email-address = Correo electrónico
password = Contraseña
or = o
confirm-its-you = Confirme su identidad

# The name of a section in menus; its name within a sentence: "Opens in your courses".

section-name = { $section ->
    [HOME] Inicio
    [COURSES] Cursos
    [COMMUNITIES] Comunidades
   *[AFFILIATES] Afiliados
}
section-phrase = { $section ->
    [HOME] la página de inicio
    [COURSES] sus cursos
    [COMMUNITIES] sus comunidades
   *[AFFILIATES] su área de afiliados
}
opens-in = Se abre en: { $destination }.

# Waiting times.

seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
try-again-in = Inténtelo de nuevo en <strong>{ $wait }</strong>.

# A device, from its User-Agent.

device-browser-on-system = { $browser } en { $system }
device-any-browser-on-system = un navegador en { $system }
device-any-browser = un navegador
device-program = un programa ({ $name })
device-any-program = un programa
device-unknown = un dispositivo desconocido

# Error pages.

error-not-found = Página no encontrada
error-not-found-text = No hay ninguna página en esta dirección. Revise cómo está escrita o empiece por la página de inicio.
error-bad-request = No se puede procesar esta solicitud
error-bad-request-text = Falta una parte o es incorrecta.
error-forbidden = Acceso denegado
error-forbidden-text = Ha iniciado sesión, pero no tiene acceso a esta página.
error-form-expired = Este formulario ha caducado
error-form-expired-text = Estuvo abierto demasiado tiempo o su navegador bloquea las cookies de este sitio. No se ha cambiado nada: abra el formulario de nuevo y vuelva a enviarlo.
error-conflict = Su cambio no se ha guardado
error-conflict-text = Otra solicitud lo cambió al mismo tiempo. Inténtelo de nuevo.
error-too-many = Demasiadas solicitudes
error-too-many-text = Ha enviado en poco tiempo más solicitudes de las que aceptamos.
error-internal = Algo ha fallado
error-internal-text = El error es nuestro y ha quedado registrado. Si vuelve a ocurrir, póngase en contacto con nosotros e incluya este identificador:
error-unavailable = No disponible temporalmente
error-unavailable-text = Ahora mismo no podemos responder. Inténtelo de nuevo en unos segundos.
error-open-form = Abrir el formulario de nuevo
error-back-to-form = Volver al formulario
error-go-home = Ir a { $name }
