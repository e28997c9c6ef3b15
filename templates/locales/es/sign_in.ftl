# Signing in.

login-heading = Inicie sesión en { $destination }
login-by-email = Le enviaremos un enlace de acceso por correo. No necesita contraseña.
login-new-here = ¿Es su primera vez? Escriba su dirección de correo y le enviaremos un código para unirse.
login-email-me = Enviarme un enlace de acceso
login-google = Continuar con Google
login-use-password = Usar una contraseña
login-ended = Su sesión ha terminado. Vuelva a iniciar sesión.
login-password-title = Iniciar sesión con contraseña
login-forgot = ¿Ha olvidado su contraseña?
login-by-email-instead = Iniciar sesión por correo

# The address that was typed.

address-invalid = Escriba un correo electrónico como anna@example.com.
address-too-long = Este correo es demasiado largo: puede tener 254 caracteres como máximo.
address-domain = Revise la parte que sigue a la @: no es un dominio válido como example.com.
address-local-part = La parte anterior a la @ solo puede contener caracteres ASCII.

# Waiting for an email.

wait-sent = Si <strong>{ $email }</strong> puede iniciar sesión aquí, un correo con un enlace y un código está en camino.
wait-code = Código del correo
wait-sign-in = Iniciar sesión con el código
wait-opened = El enlace se abrió en otro dispositivo. Elija allí este número:
wait-open = Abra el enlace del correo. Si lo abre en otro dispositivo, elija allí este número:
wait-chosen = Ya he elegido el número
wait-no-email = ¿Aún no ha llegado?
wait-be-patient = Puede tardar un minuto en llegar. Revise también la carpeta de spam. Solo funciona el correo más reciente.
wait-resend = Reenviar
wait-resend-seconds = Reenviar en { $count } s
wait-resend-minutes = Reenviar en { $count } min
wait-other-address = Usar otro correo electrónico
wait-confirmed = Inicio de sesión confirmado
wait-confirmed-text = Ha confirmado este inicio de sesión en su otro dispositivo.
wait-ended = Este inicio de sesión ha terminado
wait-ended-text = Ya se usó, ha caducado o se sustituyó por otro más reciente. Empiece de nuevo.

# Confirming another device.

confirm-heading = ¿Iniciar sesión en otro dispositivo?
confirm-requested = Ha iniciado sesión en este dispositivo. El correo se solicitó desde <strong>{ $device }</strong>, en la red { $network }, { $ago }.
confirm-unknown-network = desconocida
confirm-choose = Si ese dispositivo es suyo, elija el número que muestra para iniciar sesión también en él.
confirm-deny = No he sido yo
confirm-stays-out = El otro dispositivo no inicia sesión a menos que elija su número.
confirm-only-here = Continuar solo en este dispositivo
confirm-ago = { $minutes ->
    [0] hace menos de un minuto
    [1] hace un minuto
   *[other] hace { $minutes } minutos
}
confirm-done = El otro dispositivo ha iniciado sesión
confirm-done-text = Continúa por sí solo o con el enlace de su página.
confirm-denied = El otro dispositivo no ha iniciado sesión
confirm-denied-text = La solicitud se ha rechazado. Su sesión en este dispositivo sigue abierta.
confirm-wrong-number = Número incorrecto
confirm-wrong-number-text = El otro dispositivo no ha iniciado sesión. Si es suyo, empiece de nuevo en él.
confirm-already-ended-text = Ya se completó o ha caducado. Ha iniciado sesión en este dispositivo.

# Passwords.

new-password = Nueva contraseña
new-password-hint = Al menos { $shortest } caracteres. Unas cuantas palabras que pueda recordar funcionan bien.
forgot-heading = Restablezca su contraseña
forgot-text = Le enviaremos un enlace para elegir una contraseña nueva. Funciona una vez y caduca en 30 minutos.
forgot-email-me = Enviarme un enlace
forgot-back = Volver al inicio de sesión
forgot-sent = Si { $email } puede iniciar sesión aquí, un correo con un enlace para elegir una contraseña nueva está en camino. Caduca en 30 minutos.
reset-heading = Elija una contraseña
reset-text = Para <strong>{ $email }</strong>. Al guardarla se cierra la sesión en todos los dispositivos. Después inicie sesión con la nueva contraseña.
reset-save = Guardar contraseña
reset-done = Su contraseña se ha guardado
reset-done-text = Se ha cerrado la sesión en todos los dispositivos. Inicie sesión con la nueva contraseña.
reset-request-new = Solicitar un enlace nuevo
password-unusable = Esta contraseña no tiene caracteres, tiene demasiados o algunos que no se pueden escribir. Elija otra.
password-conflict = Su contraseña se cambió al mismo tiempo. Inténtelo de nuevo.

# Why a sign-in or a password was refused.

refused-wait = { $message } Inténtelo de nuevo en { $wait }.
refused-credentials = Correo, contraseña o código incorrectos.
refused-password = Correo o contraseña incorrectos.
refused-current-password = La contraseña actual es incorrecta.
refused-step-up = Contraseña o código incorrectos.
refused-link-invalid = Este enlace no es válido. Compruebe que está completo o solicite uno nuevo.
refused-link-expired = Este enlace ha caducado. Solicite uno nuevo.
refused-link-used = Este enlace ya se usó. Solicite uno nuevo.
refused-link-superseded = Este enlace se sustituyó por otro más reciente. Use el más reciente o solicite uno nuevo.
refused-link-revoked = Este enlace ya no funciona. Solicite uno nuevo.
refused-code = Este código es incorrecto.
refused-code-expired = Este código ha caducado. Solicite uno nuevo.
refused-attempts = Demasiados intentos. Espere o inicie sesión de otra forma.
refused-revoked = Su acceso a este portal ha sido revocado.
refused-method = Esta forma de iniciar sesión está desactivada aquí. Use otra.
refused-google-unverified = Google no ha verificado este correo. Inicie sesión de otra forma.
refused-proof-needed = Confirme primero su identidad o vuelva a iniciar sesión.
refused-pending = Este inicio de sesión aún no se ha confirmado. Confírmelo en su otro dispositivo.
refused-password-short = Esta contraseña es demasiado corta. Elija una más larga.
refused-password-common = Esta contraseña es demasiado fácil de adivinar. Elija otra.
refused-password-name = Una contraseña no puede ser el nombre del portal ni el suyo. Elija otra.

# Google.

google-foreign = Esta respuesta de Google no corresponde a un inicio de sesión que comenzara aquí. Empiece de nuevo.
google-other-browser = Este inicio de sesión comenzó en otro navegador o ha caducado. Empiece de nuevo.
google-refused = Google no ha iniciado su sesión. Inténtelo de nuevo o use otra forma.
google-unknown = El correo de esa cuenta de Google no puede iniciar sesión aquí. Use otra o inicie sesión de otra forma.
google-not-signed-in = No ha iniciado sesión

# The step-up.

step-up-code-sent = Hemos enviado un código a <strong>{ $email }</strong>.
step-up-new-code = Enviarme un código nuevo
step-up-email-code = Enviar un código a { $email }
step-up-with-password = Continuar con la contraseña
step-up-back = Volver: { $destination }
step-up-profile = su perfil
step-up-limited = Ha iniciado sesión con un enlace que solo abre esto: { $open }. Para abrir { $destination }, confirme su identidad.
step-up-for-password = Para definir una contraseña, confirme primero su identidad.

# "This wasn't me".

not-me = No he sido yo
not-me-sign-in = ¿No ha pedido iniciar sesión?
not-me-reset = ¿No ha pedido restablecer su contraseña?
not-me-new-device = ¿No ha iniciado sesión en un dispositivo nuevo?
not-me-password = ¿No ha cambiado su contraseña?
not-me-thanks = Gracias por avisarnos
not-me-text = Enviamos un correo sobre esto a <strong>{ $email }</strong>. Si no ha sido usted, pulse el botón. Entonces:
not-me-link-and-code = El enlace y el código de ese correo dejan de funcionar.
not-me-devices = Se cierra la sesión de cualquier dispositivo que la iniciara con ellos.
not-me-reset-link = El enlace de ese correo deja de funcionar. Su contraseña no cambia.
not-me-device = Se cierra la sesión de ese dispositivo.
not-me-method = Lo que usó para iniciar sesión deja de funcionar. Si fue su contraseña, restablézcala por correo para elegir una nueva.
not-me-all-devices = Se cierra la sesión en todos los dispositivos, también en este.
not-me-new-password = Su contraseña deja de funcionar. Restablézcala por correo para elegir una nueva.
not-me-paused = Los correos a <strong>{ $email }</strong> se detienen durante 24 horas. { $portal } puede reanudarlos antes.
not-me-pauses = Los correos a esta dirección se detienen durante 24 horas. { $portal } puede reanudarlos antes.
not-me-hint = Nada cambia hasta que pulse el botón. Si ha sido usted, cierre esta página.
not-me-unknown-text = Puede que falte una parte o que el correo tenga más de 7 días. Abra de nuevo el enlace de su correo o copie el enlace completo.
not-me-unknown-hint = Si cree que otra persona ha iniciado sesión en su nombre, inicie sesión y cierre la suya en su perfil, o póngase en contacto con { $portal }.
