# What all emails share.

email-hello = Guten Tag,
email-hello-name = Guten Tag { $name },
email-button-fails = Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:
email-support = Fragen? Wenden Sie sich an { $support }.
email-use-button = Verwenden Sie die Schaltfläche unten, und bestätigen Sie auf der Seite, die sich öffnet.
email-open-link = Öffnen Sie den Link unten, und bestätigen Sie auf der Seite, die sich öffnet.
email-no-password = Sie brauchen kein Passwort.
email-works-once = Der Link funktioniert einmal und läuft ab: { $time }. Er ist nur für Sie, bitte leiten Sie diese E-Mail nicht weiter.
email-ignore = Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren: Ohne sie kann sich niemand anmelden.
email-not-me = Das war ich nicht
email-not-me-sign-in = Sie können uns auch mitteilen, dass Sie es nicht waren. Dann wird diese Anmeldung abgebrochen, und E-Mails an diese Adresse werden 24 Stunden lang angehalten.
email-if-you = Wenn Sie es waren, müssen Sie nichts tun.
email-when = Wann
email-how = Wie
email-device = Gerät
email-network = Netz

# Where a link leads: a section, or the dashboard.

email-open = { $destination ->
    [HOME] Portal öffnen
    [COURSES] Ihre Kurse öffnen
    [COMMUNITIES] Ihre Communitys öffnen
    [AFFILIATES] Ihren Partnerbereich öffnen
   *[DASHBOARD] Dashboard öffnen
}
email-sign-in-to = { $destination ->
    [HOME] Am Portal anmelden
    [COURSES] Zu Ihren Kursen
    [COMMUNITIES] Zu Ihren Communitys
    [AFFILIATES] Zu Ihrem Partnerbereich
   *[DASHBOARD] Am Dashboard anmelden
}

# Invitations.

invitation-subject = { $portal } lädt Sie in das Portal ein
invitation-text = { $portal } lädt Sie in das Portal ein.
invitation-note = Eine Nachricht von { $portal }
invitation-expires = Die Einladung läuft ab: { $time }. Sie ist nur für Sie: Wer diese E-Mail hat, kann sie verwenden. Bitte leiten Sie sie nicht weiter.

# Login emails and magic links.

login-email-subject = Anmeldung bei { $portal }
login-email-text = Hier ist Ihr Anmeldelink: { $target }.
magic-link-subject = { $destination ->
    [HOME] { $portal }: Ihr Link zum Portal
    [COURSES] { $portal }: Ihr Link zu Ihren Kursen
    [COMMUNITIES] { $portal }: Ihr Link zu Ihren Communitys
    [AFFILIATES] { $portal }: Ihr Link zu Ihrem Partnerbereich
   *[DASHBOARD] { $portal }: Ihr Link zum Dashboard
}
magic-link-text = { $destination ->
    [HOME] { $portal } sendet Ihnen einen Link, der Sie anmeldet und zum Portal führt.
    [COURSES] { $portal } sendet Ihnen einen Link, der Sie anmeldet und zu Ihren Kursen führt.
    [COMMUNITIES] { $portal } sendet Ihnen einen Link, der Sie anmeldet und zu Ihren Communitys führt.
    [AFFILIATES] { $portal } sendet Ihnen einen Link, der Sie anmeldet und zu Ihrem Partnerbereich führt.
   *[DASHBOARD] { $portal } sendet Ihnen einen Link, der Sie anmeldet und zum Dashboard führt.
}
magic-link-sms = { $portal }: Melden Sie sich mit diesem Link an. Er funktioniert einmal, { $lifetime } lang: { $link }
sms-help = { $portal }: Um keine Nachrichten mehr zu erhalten, antworten Sie STOP.
sms-help-support = { $portal }: Hilfe erhalten Sie unter { $support }. Um keine Nachrichten mehr zu erhalten, antworten Sie STOP.

# A sign-in that was requested.

requested-login-subject = Ihr Anmeldelink für { $portal }
requested-login-text = Sie möchten sich anmelden: { $target }.
requested-login-code = Oder geben Sie diesen Code auf dem Gerät ein, auf dem Sie sich anmelden wollten:
requested-login-either = Verwenden Sie den Link oder den Code. Sie funktionieren einmal und gelten nach Ihrer Anfrage { $lifetime } lang. Geben Sie den Code nie weiter: Wir fragen Sie nie danach.
requested-login-expires = Der Link funktioniert einmal und gilt nach Ihrer Anfrage { $lifetime } lang.
staff-login-subject = Anmeldung am Dashboard von { $portal }
login-code-subject = Ihr Anmeldecode für { $portal }
login-code-text = Sie haben einen Code für die Anmeldung angefordert: { $target }. Geben Sie ihn auf dem Gerät ein, auf dem Sie ihn angefordert haben:
login-code-expires = Der Code funktioniert einmal und gilt nach Ihrer Anfrage { $lifetime } lang. Geben Sie ihn nie weiter: Wir fragen Sie nie danach.
sign-up-subject = Ihr Code für die Registrierung bei { $portal }
sign-up-text = Sie möchten sich registrieren: { $target }. Geben Sie diesen Code dort ein, wo Sie ihn angefordert haben:
sign-up-ignore = Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren: Ohne den Code wird kein Konto angelegt.

# Passwords.

password-reset-subject = Ihr Passwort für { $portal } zurücksetzen
password-reset-text = Wir haben eine Anfrage erhalten, Ihr Passwort zurückzusetzen: { $target }.
password-reset-use-button = Verwenden Sie die Schaltfläche unten, um ein neues zu wählen.
password-reset-open-link = Öffnen Sie den Link unten, um ein neues zu wählen.
password-reset-button = Neues Passwort wählen
password-reset-expires = Der Link funktioniert einmal und gilt nach der Anfrage { $lifetime } lang.
password-reset-ignore = Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren: Ihr Passwort bleibt gleich.
password-reset-not-me = Sie können uns auch mitteilen, dass Sie es nicht waren. Dann wird der Link ungültig, und E-Mails an diese Adresse werden 24 Stunden lang angehalten.
password-changed-subject = Ihr Passwort für { $portal } wurde geändert
password-changed-text = Ihr Passwort wurde festgelegt oder geändert: { $target }.
password-changed-not-me = Wenn Sie es nicht waren, sagen Sie es uns jetzt. Dann wird jedes Gerät abgemeldet und das Passwort ungültig. Wählen Sie danach auf der Anmeldeseite mit „Passwort vergessen?“ ein neues.

# A new device.

new-device-subject = Ein neues Gerät hat sich bei { $portal } angemeldet
new-device-text = Ein neues Gerät hat sich als Sie angemeldet: { $target }.
new-device-not-me = Wenn Sie es nicht waren, sagen Sie es uns jetzt. Dann wird das Gerät abgemeldet, und womit es sich angemeldet hat, wird ungültig.
new-device-staff-link = mit einem Link, den das Team erstellt hat
new-device-link = mit einem Link
new-device-code = mit einem Code
new-device-password = mit einem Passwort
new-device-google = mit Google
new-device-challenge = auf einem anderen Gerät bestätigt
new-device-step-up = durch Bestätigung der Identität

# The address was changed.

address-changed-subject = Ihre E-Mail-Adresse für { $portal } wurde geändert
address-changed-text = Die E-Mail-Adresse Ihres Kontos wurde geändert: { $target }. Mit dieser Adresse kann man sich nicht mehr anmelden.
address-changed-new = Neue Adresse
address-changed-none = keine
address-changed-effects = Jedes Gerät wurde abgemeldet. Links und Codes, die hierher gesendet wurden, funktionieren nicht mehr, ebenso Ihr Passwort und Ihr Google-Konto.
address-changed-contact = Wenn Sie diese Änderung nicht veranlasst haben, wenden Sie sich an { $portal }.

# Two contacts were merged.

contacts-merged-subject = Ihre Konten bei { $portal } wurden zusammengeführt
contacts-merged-text = Sie hatten zwei Konten, die zusammengeführt wurden: { $target }. Alles, was Sie hatten, ist in dem Konto, das bleibt.
contacts-merged-address = Anmelden mit
contacts-merged-stays = Sie melden sich weiterhin mit dieser Adresse an. Ein Passwort oder Google-Konto der anderen Adresse funktioniert nicht mehr.
contacts-merged-gone = Mit dieser Adresse kann man sich nicht mehr anmelden: Ihre Geräte wurden abgemeldet, und Passwort, Google-Konto und Codes dieser Adresse funktionieren nicht mehr. Links zum Anmelden, die vorher hierher gesendet wurden, funktionieren bis zu ihrem Ablauf.
contacts-merged-contact = Wenn Sie das nicht veranlasst haben oder nur eines der Konten Ihnen gehörte, wenden Sie sich an { $portal }.

# Invitations to the team.

team-invitation-subject = { $portal } lädt Sie ins Team ein
team-invitation-text = { $portal } lädt Sie ins Team ein.
team-invitation-use-button = Verwenden Sie die Schaltfläche unten, und bestätigen Sie auf der Seite, die sich öffnet, um zum Dashboard zu gelangen.
team-invitation-open-link = Öffnen Sie den Link unten, und bestätigen Sie auf der Seite, die sich öffnet, um zum Dashboard zu gelangen.
team-invitation-role = Rolle
role-owner = Inhaber
role-admin = Administrator
role-staff = Mitarbeiter
role-read-only = nur Lesen

# Was Mitarbeiter sich selbst senden.

test-email-subject = [Test] { $subject }
