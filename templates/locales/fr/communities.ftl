# Les pages des communautés.

communities-none = { $portal } n’a pas encore de communautés pour vous.
community-join = Rejoindre la communauté
community-join-hint = Elle s’ouvre sur un autre site.
community-announcements = Annonces
community-no-announcements = Rien n’a encore été annoncé.
community-newest = Annonces les plus récentes
community-older = Annonces plus anciennes
