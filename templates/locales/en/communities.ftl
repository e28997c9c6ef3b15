# The pages of communities.

communities-none = { $portal } has no communities for you yet.
community-join = Join the community
community-join-hint = It opens on another site.
community-announcements = Announcements
community-no-announcements = Nothing was announced yet.
community-newest = Newest announcements
community-older = Older announcements
