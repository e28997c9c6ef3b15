# El marco y la página de inicio de un portal.

portal-sections = Secciones
portal-limited = Tu enlace de acceso solo abre esta sección.
portal-confirm = Confirma que eres tú para abrir el resto
portal-section-off = «{ $section }» está desactivado en { $portal }.
home-hello = Hola, { $name }
home-welcome = Te damos la bienvenida a { $portal }.
home-no-password = Inicias sesión por correo electrónico, sin contraseña.
home-set-password = Crea una contraseña si lo prefieres
home-continue = Continúa donde lo dejaste
home-new = Novedades
home-new-course = Curso nuevo
home-new-community = Comunidad nueva
home-empty = Aquí todavía no hay nada
home-empty-words = En cuanto { $portal } abra algo para ti, lo encontrarás aquí.
home-open = Abrir: { $section }
opens-on = Se abre el { $date }
