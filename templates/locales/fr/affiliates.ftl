# La page du programme d’affiliation.

affiliates-none = Vous ne participez pas au programme d’affiliation de { $portal }.
affiliates-link = Votre lien
affiliates-link-hint = Partagez-le : les clics et les ventes qui en viennent sont comptés pour vous.
affiliates-paused = { $portal } a suspendu votre lien : les clics ne sont pas comptés pour le moment.
affiliates-copy = Copier le lien
affiliates-copied = Copié
affiliates-clicks = Clics
affiliates-sales = Ventes
affiliates-sum-pending = Commission en attente
affiliates-sum-approved = Commission approuvée
affiliates-sum-paid = Commission versée
affiliates-sum-denied = Commission refusée
affiliates-last-sales = Dernières ventes
affiliates-no-sales = Pas encore de ventes.
affiliates-date = Date
affiliates-amount = Montant
affiliates-commission = Commission
affiliates-status = Statut
affiliates-pending = En attente
affiliates-approved = Approuvée
affiliates-paid = Versée
affiliates-denied = Refusée
