# Rahmen und Startseite eines Portals.

portal-sections = Bereiche
portal-limited = Ihr Anmeldelink öffnet nur diesen Bereich.
portal-confirm = Bestätigen Sie, dass Sie es sind, um alles zu öffnen
portal-section-off = „{ $section }“ ist bei { $portal } ausgeschaltet.
home-hello = Hallo, { $name }
home-welcome = Willkommen bei { $portal }.
home-no-password = Sie melden sich per E-Mail an, ohne Passwort.
home-set-password = Passwort festlegen, falls Ihnen das lieber ist
home-continue = Weiter, wo Sie waren
home-new = Neuigkeiten
home-new-course = Neuer Kurs
home-new-community = Neue Community
home-empty = Hier ist es noch ruhig
home-empty-words = Sobald { $portal } etwas für Sie freischaltet, finden Sie es hier.
home-open = Öffnen: { $section }
opens-on = Öffnet am { $date }
