# Las páginas de las comunidades.

communities-none = { $portal } todavía no tiene comunidades para ti.
community-join = Unirse a la comunidad
community-join-hint = Se abre en otro sitio web.
community-announcements = Anuncios
community-no-announcements = Todavía no hay anuncios.
community-newest = Anuncios más recientes
community-older = Anuncios anteriores
