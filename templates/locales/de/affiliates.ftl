# Die Seite des Partnerprogramms.

affiliates-none = Sie nehmen nicht am Partnerprogramm von { $portal } teil.
affiliates-link = Ihr Link
affiliates-link-hint = Geben Sie ihn weiter: Klicks und Verkäufe darüber werden für Sie gezählt.
affiliates-paused = { $portal } hat Ihren Link pausiert: Klicks werden zurzeit nicht gezählt.
affiliates-copy = Link kopieren
affiliates-copied = Kopiert
affiliates-clicks = Klicks
affiliates-sales = Verkäufe
affiliates-sum-pending = Offene Provision
affiliates-sum-approved = Bestätigte Provision
affiliates-sum-paid = Ausgezahlte Provision
affiliates-sum-denied = Abgelehnte Provision
affiliates-last-sales = Letzte Verkäufe
affiliates-no-sales = Noch keine Verkäufe.
affiliates-date = Datum
affiliates-amount = Betrag
affiliates-commission = Provision
affiliates-status = Status
affiliates-pending = Offen
affiliates-approved = Bestätigt
affiliates-paid = Ausgezahlt
affiliates-denied = Abgelehnt
