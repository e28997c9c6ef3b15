# Signing in.

login-heading = Anmelden: { $destination }
login-by-email = Wir senden Ihnen per E-Mail einen Anmeldelink. Sie brauchen kein Passwort.
login-new-here = Neu hier? Geben Sie Ihre E-Mail-Adresse ein, und wir senden Ihnen einen Code für die Registrierung.
login-email-me = Anmeldelink per E-Mail senden
login-google = Weiter mit Google
login-use-password = Passwort verwenden
login-ended = Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.
login-password-title = Mit Passwort anmelden
login-forgot = Passwort vergessen?
login-by-email-instead = Stattdessen per E-Mail anmelden

# The address that was typed.

address-invalid = Geben Sie eine E-Mail-Adresse wie anna@example.com ein.
address-too-long = Diese E-Mail-Adresse ist zu lang: Sie darf höchstens 254 Zeichen haben.
address-domain = Prüfen Sie den Teil nach dem @: Er ist keine gültige Domain wie example.com.
address-local-part = Der Teil vor dem @ darf nur ASCII-Zeichen enthalten.

# Waiting for an email.

wait-sent = Wenn sich <strong>{ $email }</strong> hier anmelden kann, ist eine E-Mail mit einem Link und einem Code unterwegs.
wait-code = Code aus der E-Mail
wait-sign-in = Mit Code anmelden
wait-opened = Der Link wurde auf einem anderen Gerät geöffnet. Wählen Sie dort diese Zahl:
wait-open = Öffnen Sie den Link in der E-Mail. Wenn Sie ihn auf einem anderen Gerät öffnen, wählen Sie dort diese Zahl:
wait-chosen = Ich habe die Zahl gewählt
wait-no-email = Noch keine E-Mail?
wait-be-patient = Sie kann eine Minute brauchen. Prüfen Sie auch Ihren Spam-Ordner. Nur die neueste E-Mail funktioniert.
wait-resend = Erneut senden
wait-resend-seconds = Erneut senden in { $count } s
wait-resend-minutes = Erneut senden in { $count } min
wait-other-address = Andere E-Mail-Adresse verwenden
wait-confirmed = Anmeldung bestätigt
wait-confirmed-text = Sie haben diese Anmeldung auf Ihrem anderen Gerät bestätigt.
wait-ended = Diese Anmeldung ist beendet
wait-ended-text = Sie wurde schon verwendet, ist abgelaufen oder wurde durch eine neuere ersetzt. Bitte beginnen Sie von vorn.

# Confirming another device.

confirm-heading = Auf einem anderen Gerät anmelden?
confirm-requested = Sie sind auf diesem Gerät angemeldet. Die E-Mail wurde angefordert von <strong>{ $device }</strong>, aus dem Netz { $network }, { $ago }.
confirm-unknown-network = unbekannt
confirm-choose = Wenn dieses Gerät Ihnen gehört, wählen Sie die Zahl, die es anzeigt, um es ebenfalls anzumelden.
confirm-deny = Das war ich nicht
confirm-stays-out = Das andere Gerät bleibt abgemeldet, wenn Sie seine Zahl nicht wählen.
confirm-only-here = Nur auf diesem Gerät fortfahren
confirm-ago = { $minutes ->
    [0] vor weniger als einer Minute
    [1] vor einer Minute
   *[other] vor { $minutes } Minuten
}
confirm-done = Das andere Gerät ist angemeldet
confirm-done-text = Es fährt von selbst fort oder mit dem Link auf seiner Seite.
confirm-denied = Das andere Gerät wurde nicht angemeldet
confirm-denied-text = Die Anfrage wurde abgelehnt. Auf diesem Gerät sind Sie weiterhin angemeldet.
confirm-wrong-number = Falsche Zahl
confirm-wrong-number-text = Das andere Gerät wurde nicht angemeldet. Wenn es Ihnen gehört, beginnen Sie dort von vorn.
confirm-already-ended-text = Sie wurde schon abgeschlossen oder ist abgelaufen. Auf diesem Gerät sind Sie angemeldet.

# Passwords.

new-password = Neues Passwort
new-password-hint = Mindestens { $shortest } Zeichen. Einige Wörter, die Sie sich merken können, eignen sich gut.
forgot-heading = Passwort zurücksetzen
forgot-text = Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen. Er funktioniert einmal und läuft in 30 Minuten ab.
forgot-email-me = Link per E-Mail senden
forgot-back = Zurück zur Anmeldung
forgot-sent = Wenn sich { $email } hier anmelden kann, ist eine E-Mail mit einem Link unterwegs, mit dem Sie ein neues Passwort wählen. Er läuft in 30 Minuten ab.
reset-heading = Passwort wählen
reset-text = Für <strong>{ $email }</strong>. Beim Speichern werden Sie auf jedem Gerät abgemeldet. Melden Sie sich danach mit dem neuen Passwort an.
reset-save = Passwort speichern
reset-done = Ihr Passwort ist gespeichert
reset-done-text = Sie wurden auf jedem Gerät abgemeldet. Melden Sie sich mit dem neuen Passwort an.
reset-request-new = Neuen Link anfordern
password-unusable = Dieses Passwort hat keine Zeichen, zu viele oder solche, die man nicht eingeben kann. Wählen Sie ein anderes.
password-conflict = Ihr Passwort wurde gleichzeitig geändert. Versuchen Sie es erneut.

# Why a sign-in or a password was refused.

refused-wait = { $message } Versuchen Sie es in { $wait } erneut.
refused-credentials = E-Mail-Adresse, Passwort oder Code ist falsch.
refused-password = E-Mail-Adresse oder Passwort ist falsch.
refused-current-password = Das aktuelle Passwort ist falsch.
refused-step-up = Passwort oder Code ist falsch.
refused-link-invalid = Dieser Link ist ungültig. Prüfen Sie, ob er vollständig ist, oder fordern Sie einen neuen an.
refused-link-expired = Dieser Link ist abgelaufen. Fordern Sie einen neuen an.
refused-link-used = Dieser Link wurde schon verwendet. Fordern Sie einen neuen an.
refused-link-superseded = Dieser Link wurde durch einen neueren ersetzt. Verwenden Sie den neuesten, oder fordern Sie einen neuen an.
refused-link-revoked = Dieser Link funktioniert nicht mehr. Fordern Sie einen neuen an.
refused-code = Dieser Code ist falsch.
refused-code-expired = Dieser Code ist abgelaufen. Fordern Sie einen neuen an.
refused-attempts = Zu viele Versuche. Warten Sie, oder melden Sie sich auf andere Weise an.
refused-revoked = Ihr Zugang zu diesem Portal wurde entzogen.
refused-method = Diese Anmeldeart ist hier ausgeschaltet. Verwenden Sie eine andere.
refused-google-unverified = Google hat diese E-Mail-Adresse nicht bestätigt. Melden Sie sich auf andere Weise an.
refused-proof-needed = Bestätigen Sie zuerst Ihre Identität, oder melden Sie sich erneut an.
refused-pending = Diese Anmeldung ist noch nicht bestätigt. Bestätigen Sie sie auf Ihrem anderen Gerät.
refused-password-short = Dieses Passwort ist zu kurz. Wählen Sie ein längeres.
refused-password-common = Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein anderes.
refused-password-name = Ein Passwort darf nicht aus dem Namen des Portals oder Ihrem eigenen bestehen. Wählen Sie ein anderes.

# Google.

google-foreign = Diese Antwort von Google gehört zu keiner Anmeldung, die hier begonnen wurde. Bitte beginnen Sie von vorn.
google-other-browser = Diese Anmeldung wurde in einem anderen Browser begonnen oder ist abgelaufen. Bitte beginnen Sie von vorn.
google-refused = Google hat Sie nicht angemeldet. Versuchen Sie es erneut, oder melden Sie sich auf andere Weise an.
google-unknown = Die E-Mail-Adresse dieses Google-Kontos kann sich hier nicht anmelden. Verwenden Sie ein anderes, oder melden Sie sich auf andere Weise an.
google-not-signed-in = Sie sind nicht angemeldet

# The step-up.

step-up-code-sent = Wir haben einen Code an <strong>{ $email }</strong> gesendet.
step-up-new-code = Neuen Code senden
step-up-email-code = Code an { $email } senden
step-up-with-password = Weiter mit Passwort
step-up-back = Zurück: { $destination }
step-up-profile = Ihr Profil
step-up-limited = Sie haben sich mit einem Link angemeldet, der nur dies öffnet: { $open }. Um mehr zu öffnen ({ $destination }), bestätigen Sie Ihre Identität.
step-up-for-password = Um ein Passwort festzulegen, bestätigen Sie zuerst Ihre Identität.

# "This wasn't me".

not-me = Das war ich nicht
not-me-sign-in = Sie wollten sich nicht anmelden?
not-me-reset = Sie wollten Ihr Passwort nicht zurücksetzen?
not-me-new-device = Sie haben sich nicht auf einem neuen Gerät angemeldet?
not-me-password = Sie haben Ihr Passwort nicht geändert?
not-me-thanks = Danke für Ihren Hinweis
not-me-text = Wir haben dazu eine E-Mail an <strong>{ $email }</strong> gesendet. Wenn Sie das nicht waren, wählen Sie die Schaltfläche. Dann gilt:
not-me-link-and-code = Der Link und der Code in dieser E-Mail funktionieren nicht mehr.
not-me-devices = Jedes Gerät, das sich damit angemeldet hat, wird abgemeldet.
not-me-reset-link = Der Link in dieser E-Mail funktioniert nicht mehr. Ihr Passwort bleibt gleich.
not-me-device = Dieses Gerät wird abgemeldet.
not-me-method = Womit es sich angemeldet hat, funktioniert nicht mehr. War es Ihr Passwort, setzen Sie es per E-Mail zurück, um ein neues zu wählen.
not-me-all-devices = Jedes Gerät wird abgemeldet, auch dieses.
not-me-new-password = Ihr Passwort funktioniert nicht mehr. Setzen Sie es per E-Mail zurück, um ein neues zu wählen.
not-me-paused = E-Mails an <strong>{ $email }</strong> werden 24 Stunden lang angehalten. { $portal } kann sie früher wieder zulassen.
not-me-pauses = E-Mails an diese Adresse werden 24 Stunden lang angehalten. { $portal } kann sie früher wieder zulassen.
not-me-hint = Nichts ändert sich, bevor Sie die Schaltfläche wählen. Wenn Sie es waren, schließen Sie diese Seite.
not-me-unknown-text = Vielleicht fehlt ein Teil, oder die E-Mail ist älter als 7 Tage. Öffnen Sie den Link in Ihrer E-Mail erneut, oder kopieren Sie den ganzen Link.
not-me-unknown-hint = Wenn Sie glauben, dass jemand anderes als Sie angemeldet ist, melden Sie sich an und beenden Sie dessen Sitzung in Ihrem Profil, oder wenden Sie sich an { $portal }.
