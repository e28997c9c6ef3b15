# What all pages share.

the-dashboard = le tableau de bord de { $account }
