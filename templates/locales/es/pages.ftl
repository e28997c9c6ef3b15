# What all pages share.

the-dashboard = el panel de { $account }
