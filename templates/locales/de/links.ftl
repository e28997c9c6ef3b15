# The page of a magic link.

link-switch = Zu { $name } wechseln?
link-switch-title = Zu { $name } wechseln
link-switch-text = Sie sind bei { $portal } als <strong>{ $other }</strong> angemeldet. Dieser Link ist für <strong>{ $name }</strong>.
link-welcome = Willkommen bei { $portal }
link-invitation-for = Diese Einladung ist für <strong>{ $name }</strong>.
link-signing-in-as = Sie melden sich an als <strong>{ $name }</strong>.
link-name-and-address = { $name } ({ $email })
link-opens-in = Öffnet: <strong>{ $destination }</strong>.
link-opens-only = Öffnet: <strong>{ $destination }</strong>. Gibt nur Zugang zu diesem Bereich.
link-stay = Als { $name } angemeldet bleiben
link-join = { $portal } beitreten
link-switching-signs-out = Beim Wechseln wird { $name } in diesem Browser abgemeldet.
link-hint = Sie werden erst angemeldet, wenn Sie die Schaltfläche wählen. Sie sind das nicht? Schließen Sie diese Seite.

# A link that is refused.

link-invalid = Dieser Link funktioniert nicht
link-invalid-text = Vielleicht fehlt ein Teil. Öffnen Sie den Link in Ihrer E-Mail erneut, oder kopieren Sie den ganzen Link.
link-expired = Dieser Link ist abgelaufen
link-expired-text = Links funktionieren nur eine begrenzte Zeit, damit sich niemand mit einer alten E-Mail als Sie anmelden kann.
link-used = Dieser Link wurde schon verwendet
link-used-text = Jeder Link funktioniert einmal. Wenn Sie ihn nicht selbst verwendet haben, wenden Sie sich an { $support }.
link-superseded = Dieser Link wurde ersetzt
link-superseded-text = Wir haben Ihnen einen neueren Link gesendet. Bitte verwenden Sie die neueste E-Mail.
link-revoked = Dieser Link funktioniert nicht mehr
link-revoked-text = Er wurde zurückgezogen, oder Sie haben sich seither auf andere Weise angemeldet.
link-just-used = Dieser Link wurde gerade verwendet
link-just-used-text = Er wurde vor einem Moment in einem anderen Browser verwendet. Wenn Sie das nicht waren, versuchen Sie es in einigen Sekunden erneut.
link-access-ended = Ihr Zugang ist beendet
link-access-ended-text = Sie haben keinen Zugang mehr zu diesem Portal. Wenn Sie das für einen Irrtum halten, wenden Sie sich an { $support }.
link-disabled = Anmeldelinks sind ausgeschaltet
link-disabled-text = Bitte melden Sie sich auf andere Weise an.
link-new-offer = Wir können einen neuen Link an <strong>{ $email }</strong> senden.
link-email-new = Neuen Link per E-Mail senden
link-new-sent = Ein neuer Link ist unterwegs an { $email }.
link-other-address = Mit einer anderen E-Mail-Adresse anmelden

# The sign-in links of team members.

staff-link-heading = Am Dashboard von { $account } anmelden
staff-link-title = Am Dashboard anmelden
staff-link-switch-text = Sie sind am Dashboard von { $account } als <strong>{ $other }</strong> angemeldet. Dieser Link ist für <strong>{ $name }</strong>.
staff-link-hint = Dieser Link funktioniert einmal. Sie werden erst angemeldet, wenn Sie die Schaltfläche wählen.
staff-link-invalid = Dieser Anmeldelink funktioniert nicht
staff-link-invalid-text = Vielleicht fehlt ein Teil. Kopieren Sie den ganzen Link, oder melden Sie sich mit Ihrer E-Mail-Adresse an.
staff-link-expired = Dieser Anmeldelink ist abgelaufen
staff-link-expired-text = Links funktionieren nur eine begrenzte Zeit. Melden Sie sich mit Ihrer E-Mail-Adresse an, um einen neuen zu erhalten.
staff-link-used = Dieser Anmeldelink wurde schon verwendet
staff-link-used-text = Jeder Link funktioniert einmal. Wenn Sie ihn nicht selbst verwendet haben, melden Sie sich an und prüfen Sie in Ihrem Profil, wo Sie angemeldet sind.

# Choosing a dashboard.

choose-title = Dashboard
choose-sign-in = An Ihrem Dashboard anmelden
choose-heading = Dashboard wählen
choose-account = Konto
choose-other = Ein anderes Konto
choose-hint = Der letzte Teil der Adresse Ihres Dashboards: <strong>acme</strong> in /dashboard/acme.
choose-unknown = Es wurde kein Konto mit diesem Namen gefunden. Prüfen Sie die Schreibweise.
dashboard-needs-script = Das Dashboard braucht JavaScript. Das Portal selbst funktioniert ohne.
dashboard-profile = Ihr Passwort und Ihre Sitzungen

# Die Ansicht des Portals als Kontakt, für Teammitglieder.

view-heading = Portal als { $name } ansehen
view-text = Sie sehen das Portal 15 Minuten lang so, wie dieser Kontakt es sieht. Sie können nichts ändern, und es zählt nicht als Besuch.
view-open = Portal ansehen
view-banner = { $member } sieht dieses Portal als { $contact }, nur lesend, bis { $time }.
view-end = Ansicht beenden
view-ended = Diese Ansicht ist beendet
view-ended-text = Eine Ansicht dauert höchstens 15 Minuten. Beim Kontakt im Dashboard können Sie eine neue öffnen.
view-not-allowed-text = Sie haben sich vom Dashboard abgemeldet, oder Ihre Rolle hat sich geändert. Melden Sie sich erneut an, um eine neue Ansicht zu öffnen.
view-revoked-text = Dem Kontakt wurde der Zugang zum Portal entzogen.
view-deleted-text = Der Kontakt wurde gelöscht.
view-link-invalid = Dieser Link funktioniert nicht
view-link-invalid-text = Vielleicht fehlt ein Teil. Beim Kontakt im Dashboard erhalten Sie einen neuen Link.
view-link-expired = Dieser Link ist abgelaufen
view-link-expired-text = Er funktioniert eine Minute lang. Beim Kontakt im Dashboard erhalten Sie einen neuen Link.
view-link-used = Dieser Link wurde schon verwendet
view-link-used-text = Jeder Link funktioniert einmal. Beim Kontakt im Dashboard erhalten Sie einen neuen Link.
view-to-dashboard = Zum Dashboard
