# What all emails share.

email-hello = Hola:
email-hello-name = Hola, { $name }:
email-button-fails = Si el botón no funciona, copie esta dirección en su navegador:
email-support = ¿Tiene preguntas? Escriba a { $support }.
email-use-button = Use el botón de abajo y confirme en la página que se abre.
email-open-link = Abra el enlace de abajo y confirme en la página que se abre.
email-no-password = No necesita contraseña.
email-works-once = El enlace funciona una vez y caduca el { $time }. Es solo para usted: no reenvíe este correo.
email-ignore = Si no lo ha pedido, puede ignorar este correo: nadie puede iniciar sesión sin él.
email-not-me = No he sido yo
email-not-me-sign-in = También puede decirnos que no ha sido usted. Así se cancela este inicio de sesión y se detienen los correos a esta dirección durante 24 horas.
email-if-you = Si ha sido usted, no tiene que hacer nada.
email-when = Cuándo
email-how = Cómo
email-device = Dispositivo
email-network = Red

# Where a link leads: a section, or the dashboard.

email-open = { $destination ->
    [HOME] Abrir el portal
    [COURSES] Abrir sus cursos
    [COMMUNITIES] Abrir sus comunidades
    [AFFILIATES] Abrir su área de afiliados
   *[DASHBOARD] Abrir el panel
}
email-sign-in-to = { $destination ->
    [HOME] Iniciar sesión en el portal
    [COURSES] Entrar en sus cursos
    [COMMUNITIES] Entrar en sus comunidades
    [AFFILIATES] Entrar en su área de afiliados
   *[DASHBOARD] Iniciar sesión en el panel
}

# Invitations.

invitation-subject = { $portal } le invita a su portal
invitation-text = { $portal } le invita a su portal.
invitation-note = Una nota de { $portal }
invitation-expires = La invitación caduca el { $time }. Es solo para usted: quien tenga este correo puede usarla, así que no lo reenvíe.

# Login emails and magic links.

login-email-subject = Inicie sesión en { $portal }
login-email-text = Aquí tiene su enlace para iniciar sesión en { $target }.
magic-link-subject = { $destination ->
    [HOME] { $portal } le envía un enlace al portal
    [COURSES] { $portal } le envía un enlace a sus cursos
    [COMMUNITIES] { $portal } le envía un enlace a sus comunidades
    [AFFILIATES] { $portal } le envía un enlace a su área de afiliados
   *[DASHBOARD] { $portal } le envía un enlace al panel
}
magic-link-text = { $destination ->
    [HOME] { $portal } le envía un enlace que inicia su sesión y le lleva al portal.
    [COURSES] { $portal } le envía un enlace que inicia su sesión y le lleva a sus cursos.
    [COMMUNITIES] { $portal } le envía un enlace que inicia su sesión y le lleva a sus comunidades.
    [AFFILIATES] { $portal } le envía un enlace que inicia su sesión y le lleva a su área de afiliados.
   *[DASHBOARD] { $portal } le envía un enlace que inicia su sesión y le lleva al panel.
}
magic-link-sms = { $portal }: entre con este enlace. Funciona una sola vez, durante { $lifetime }: { $link }
sms-help = { $portal }: para no recibir estos mensajes, responda STOP.
sms-help-support = { $portal }: si necesita ayuda, escriba a { $support }. Para no recibir estos mensajes, responda STOP.

# A sign-in that was requested.

requested-login-subject = Su enlace de acceso a { $portal }
requested-login-text = Ha pedido iniciar sesión en { $target }.
requested-login-code = O escriba este código en el dispositivo donde pidió iniciar sesión:
requested-login-either = Use el enlace o el código. Funcionan una vez y caducan { $lifetime } después de su solicitud. No comparta nunca el código: nunca se lo pediremos.
requested-login-expires = El enlace funciona una vez y caduca { $lifetime } después de su solicitud.
staff-login-subject = Inicie sesión en el panel de { $portal }
login-code-subject = Su código de acceso a { $portal }
login-code-text = Ha pedido un código para iniciar sesión en { $target }. Escríbalo en el dispositivo donde lo pidió:
login-code-expires = El código funciona una vez y caduca { $lifetime } después de su solicitud. No lo comparta nunca: nunca se lo pediremos.
sign-up-subject = Su código para unirse a { $portal }
sign-up-text = Ha pedido unirse a { $target }. Escriba este código donde lo pidió:
sign-up-ignore = Si no lo ha pedido, puede ignorar este correo: sin el código no se crea ninguna cuenta.

# Passwords.

password-reset-subject = Restablezca su contraseña de { $portal }
password-reset-text = Hemos recibido una solicitud para restablecer su contraseña de { $target }.
password-reset-use-button = Use el botón de abajo para elegir una nueva.
password-reset-open-link = Abra el enlace de abajo para elegir una nueva.
password-reset-button = Elegir una contraseña nueva
password-reset-expires = El enlace funciona una vez y caduca { $lifetime } después de la solicitud.
password-reset-ignore = Si no lo ha pedido, puede ignorar este correo: su contraseña no cambia.
password-reset-not-me = También puede decirnos que no ha sido usted. Así se cancela el enlace y se detienen los correos a esta dirección durante 24 horas.
password-changed-subject = Se ha cambiado su contraseña de { $portal }
password-changed-text = Se ha definido o cambiado su contraseña de { $target }.
password-changed-not-me = Si no ha sido usted, díganoslo ahora. Así se cierran todas las sesiones y se desactiva la contraseña. Después elija una nueva con «¿Ha olvidado su contraseña?» en la página de inicio de sesión.

# A new device.

new-device-subject = Un dispositivo nuevo ha iniciado sesión en { $portal }
new-device-text = Un dispositivo nuevo ha iniciado sesión en su nombre en { $target }.
new-device-not-me = Si no ha sido usted, díganoslo ahora. Así se cierra la sesión del dispositivo y se desactiva lo que usó para iniciarla.
new-device-staff-link = con un enlace creado por el equipo
new-device-link = con un enlace
new-device-code = con un código
new-device-password = con una contraseña
new-device-google = con Google
new-device-challenge = confirmado en otro dispositivo
new-device-step-up = confirmando su identidad

# The address was changed.

address-changed-subject = Se ha cambiado su correo para { $portal }
address-changed-text = Se ha cambiado el correo de su cuenta en { $target }. Con esta dirección ya no se puede iniciar sesión.
address-changed-new = Correo nuevo
address-changed-none = ninguno
address-changed-effects = Se ha cerrado la sesión en todos los dispositivos. Los enlaces y códigos enviados aquí ya no funcionan, ni tampoco su contraseña y su cuenta de Google.
address-changed-contact = Si no ha pedido este cambio, póngase en contacto con { $portal }.

# Two contacts were merged.

contacts-merged-subject = Se han unido sus cuentas de { $portal }
contacts-merged-text = Tenía dos cuentas en { $target }. Se han unido, y todo lo que tenía está en la que queda.
contacts-merged-address = Iniciar sesión con
contacts-merged-stays = Seguirá iniciando sesión con esta dirección. La contraseña o la cuenta de Google de la otra dirección ya no funcionan.
contacts-merged-gone = Con esta dirección ya no se puede iniciar sesión: se ha cerrado la sesión en sus dispositivos, y su contraseña, su cuenta de Google y sus códigos ya no funcionan. Los enlaces de acceso enviados aquí antes funcionan hasta que caduquen.
contacts-merged-contact = Si no lo ha pedido, o si solo una de las cuentas era suya, póngase en contacto con { $portal }.

# Invitations to the team.

team-invitation-subject = { $portal } le invita a unirse a su equipo
team-invitation-text = { $portal } le invita a unirse a su equipo.
team-invitation-use-button = Use el botón de abajo y confirme en la página que se abre para ir al panel.
team-invitation-open-link = Abra el enlace de abajo y confirme en la página que se abre para ir al panel.
team-invitation-role = Rol
role-owner = propietario
role-admin = administrador
role-staff = equipo
role-read-only = solo lectura

# Lo que el personal se envía a sí mismo.

test-email-subject = [Prueba] { $subject }
