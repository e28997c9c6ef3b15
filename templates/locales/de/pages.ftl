# What all pages share.

the-dashboard = das Dashboard von { $account }
continue = Weiter
sign-in = Anmelden
sign-out = Abmelden
back = Zurück
try-again = Erneut versuchen
check-your-email = Prüfen Sie Ihre E-Mails
email-address = E-Mail-Adresse
password = Passwort
or = oder
confirm-its-you = Identität bestätigen

# The name of a section in menus; its name within a sentence: "Opens in your courses".

section-name = { $section ->
    [HOME] Start
    [COURSES] Kurse
    [COMMUNITIES] Communitys
   *[AFFILIATES] Partnerprogramm
}
section-phrase = { $section ->
    [HOME] Startseite
    [COURSES] Ihre Kurse
    [COMMUNITIES] Ihre Communitys
   *[AFFILIATES] Ihr Partnerbereich
}
opens-in = Öffnet: { $destination }.

# Waiting times.

seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
try-again-in = Versuchen Sie es in <strong>{ $wait }</strong> erneut.

# A device, from its User-Agent.

device-browser-on-system = { $browser } auf { $system }
device-any-browser-on-system = ein Browser auf { $system }
device-any-browser = ein Browser
device-program = ein Programm ({ $name })
device-any-program = ein Programm
device-unknown = ein unbekanntes Gerät

# Error pages.

error-not-found = Seite nicht gefunden
error-not-found-text = Unter dieser Adresse gibt es keine Seite. Prüfen Sie die Schreibweise, oder beginnen Sie auf der Startseite.
error-bad-request = Diese Anfrage kann nicht verarbeitet werden
error-bad-request-text = Ein Teil davon fehlt oder ist falsch.
error-forbidden = Kein Zugriff
error-forbidden-text = Sie sind angemeldet, haben aber keinen Zugriff auf diese Seite.
error-form-expired = Dieses Formular ist abgelaufen
error-form-expired-text = Es war zu lange geöffnet, oder Ihr Browser blockiert Cookies für diese Website. Nichts wurde geändert: Öffnen Sie das Formular erneut und senden Sie es noch einmal ab.
error-conflict = Ihre Änderung wurde nicht gespeichert
error-conflict-text = Eine andere Anfrage hat dies gleichzeitig geändert. Versuchen Sie es erneut.
error-too-many = Zu viele Anfragen
error-too-many-text = Sie haben in kurzer Zeit mehr Anfragen gesendet, als wir annehmen.
error-internal = Etwas ist schiefgegangen
error-internal-text = Der Fehler liegt bei uns und wurde protokolliert. Wenn er wieder auftritt, wenden Sie sich an uns und nennen Sie diese ID:
error-unavailable = Vorübergehend nicht verfügbar
error-unavailable-text = Wir können gerade nicht antworten. Versuchen Sie es in einigen Sekunden erneut.
error-open-form = Formular erneut öffnen
error-back-to-form = Zurück zum Formular
error-go-home = Zu { $name }
