# The page of a magic link.

link-switch = ¿Cambiar a { $name }?
link-switch-title = Cambiar a { $name }
link-switch-text = Ha iniciado sesión en { $portal } como <strong>{ $other }</strong>. Este enlace es para <strong>{ $name }</strong>.
link-welcome = Le damos la bienvenida a { $portal }
link-invitation-for = Esta invitación es para <strong>{ $name }</strong>.
link-signing-in-as = Va a iniciar sesión como <strong>{ $name }</strong>.
link-name-and-address = { $name } ({ $email })
link-opens-in = Se abre en: <strong>{ $destination }</strong>.
link-opens-only = Se abre en: <strong>{ $destination }</strong>. Da acceso solo a esta sección.
link-stay = Seguir como { $name }
link-join = Unirse a { $portal }
link-switching-signs-out = Al cambiar se cierra la sesión de { $name } en este navegador.
link-hint = Su sesión se inicia solo cuando pulse el botón. ¿No es usted? Cierre esta página.

# A link that is refused.

link-invalid = Este enlace no funciona
link-invalid-text = Puede que falte una parte. Abra de nuevo el enlace de su correo o copie el enlace completo.
link-expired = Este enlace ha caducado
link-expired-text = Los enlaces funcionan durante un tiempo limitado para que nadie pueda usar un correo antiguo para entrar en su nombre.
link-used = Este enlace ya se usó
link-used-text = Cada enlace funciona una vez. Si no lo ha usado usted, póngase en contacto con { $support }.
link-superseded = Este enlace se sustituyó
link-superseded-text = Le enviamos un enlace más reciente. Use el último correo.
link-revoked = Este enlace ya no funciona
link-revoked-text = Se retiró o usted ha iniciado sesión de otra forma desde entonces.
link-just-used = Este enlace acaba de usarse
link-just-used-text = Se usó en otro navegador hace un momento. Si no ha sido usted, inténtelo de nuevo en unos segundos.
link-access-ended = Su acceso ha terminado
link-access-ended-text = Ya no tiene acceso a este portal. Si cree que es un error, póngase en contacto con { $support }.
link-disabled = Los enlaces de acceso están desactivados
link-disabled-text = Inicie sesión de otra forma.
link-new-offer = Podemos enviar un enlace nuevo a <strong>{ $email }</strong>.
link-email-new = Enviarme un enlace nuevo
link-new-sent = Un enlace nuevo está en camino a { $email }.
link-other-address = Iniciar sesión con otro correo

# The sign-in links of team members.

staff-link-heading = Inicie sesión en el panel de { $account }
staff-link-title = Iniciar sesión en el panel
staff-link-switch-text = Ha iniciado sesión en el panel de { $account } como <strong>{ $other }</strong>. Este enlace es para <strong>{ $name }</strong>.
staff-link-hint = Este enlace funciona una vez. Su sesión se inicia solo cuando pulse el botón.
staff-link-invalid = Este enlace de acceso no funciona
staff-link-invalid-text = Puede que falte una parte. Copie el enlace completo o inicie sesión con su correo.
staff-link-expired = Este enlace de acceso ha caducado
staff-link-expired-text = Los enlaces funcionan durante un tiempo limitado. Inicie sesión con su correo para recibir uno nuevo.
staff-link-used = Este enlace de acceso ya se usó
staff-link-used-text = Cada enlace funciona una vez. Si no lo ha usado usted, inicie sesión y revise en su perfil dónde tiene sesiones abiertas.

# Choosing a dashboard.

choose-title = Panel
choose-sign-in = Inicie sesión en su panel
choose-heading = Elija un panel
choose-account = Cuenta
choose-other = Otra cuenta
choose-hint = La última parte de la dirección de su panel: <strong>acme</strong> en /dashboard/acme.
choose-unknown = No se ha encontrado ninguna cuenta con este nombre. Revise cómo está escrito.
dashboard-needs-script = El panel necesita JavaScript. El portal funciona sin él.
dashboard-profile = Su contraseña y sus sesiones

# La vista del portal como un contacto, para miembros del equipo.

view-heading = Ver el portal como { $name }
view-text = Verá el portal como lo ve este contacto, durante 15 minutos. No puede cambiar nada, y no cuenta como visita.
view-open = Ver el portal
view-banner = { $member } está viendo este portal como { $contact }, solo lectura, hasta el { $time }.
view-end = Terminar la vista
view-ended = Esta vista ha terminado
view-ended-text = Una vista dura 15 minutos como máximo. Puede abrir otra desde el contacto en el panel.
view-not-allowed-text = Cerró la sesión en el panel, o su rol ha cambiado. Inicie sesión de nuevo para abrir otra vista.
view-revoked-text = Se revocó el acceso del contacto al portal.
view-deleted-text = El contacto se eliminó.
view-link-invalid = Este enlace no funciona
view-link-invalid-text = Puede que falte una parte. Obtenga un enlace nuevo desde el contacto en el panel.
view-link-expired = Este enlace ha caducado
view-link-expired-text = Funciona durante un minuto. Obtenga un enlace nuevo desde el contacto en el panel.
view-link-used = Este enlace ya se usó
view-link-used-text = Cada enlace funciona una vez. Obtenga un enlace nuevo desde el contacto en el panel.
view-to-dashboard = Ir al panel
