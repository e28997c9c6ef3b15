# What all pages share.

the-dashboard = the { $account } dashboard
