# Die Seiten der Communitys.

communities-none = { $portal } hat noch keine Communitys für Sie.
community-join = Der Community beitreten
community-join-hint = Sie öffnet sich auf einer anderen Website.
community-announcements = Ankündigungen
community-no-announcements = Es wurde noch nichts angekündigt.
community-newest = Neueste Ankündigungen
community-older = Ältere Ankündigungen
