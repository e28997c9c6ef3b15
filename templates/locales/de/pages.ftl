# What all pages share.

the-dashboard = das Dashboard von { $account }
