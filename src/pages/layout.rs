//! What every page shares: its name, its branding, its `Content-Security-Policy`.
//!
//! Rules for a view: email addresses of contacts are masked, except one that the visitor just typed; every path (`action`,
//! `*_href`, `home`) is built from the server's settings and the account's slug, never from the request.

use super::csp::Sources;
use super::{assets, csp};
use crate::accounts::brand;
use crate::accounts::brand::Accent;
use crate::base::locale::text::Text;
use crate::base::locale::{Language, Locale};

/// The name and the branding of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout<'a> {
    /// The portal's name on portal pages, the account's on the dashboard, `Vestibule` on the server's own pages.
    pub name: &'a str,
    /// Where the name in the header links to: a path of this server such as `/p/acme`. `None`: plain text.
    pub home: Option<&'a str>,
    /// The account's validated colour; [`Accent::DEFAULT`] on the server's own pages.
    pub accent: Accent,
    /// The language of its texts, and the zone of its times.
    pub locale: Locale,
}

impl<'a> Layout<'a> {
    /// The server's own pages: start, outbox, staff sign-in, errors outside a portal.
    pub(crate) const SERVER: Layout<'static> = Layout {
        name: "Vestibule",
        home: Some("/"),
        accent: Accent::DEFAULT,
        locale: Locale::DEFAULT,
    };

    /// A portal's pages.
    #[must_use]
    pub(crate) fn portal(name: &'a str, home: &'a str, accent: Accent, locale: Locale) -> Self {
        Self {
            name,
            home: Some(home),
            accent,
            locale,
        }
    }

    /// A message of `templates/locales/`.
    pub(crate) fn text(&self, id: &'static str) -> Text {
        self.locale.text(id)
    }

    /// The layout in another language.
    #[must_use]
    pub(crate) fn in_language(mut self, language: Option<Language>) -> Self {
        self.locale.language = language.unwrap_or(self.locale.language);
        self
    }

    /// The header `Content-Security-Policy` of every page that extends the layout, the dashboard included.
    #[must_use]
    pub(crate) fn content_security_policy(&self) -> String {
        csp::page(self.accent, &Sources::default())
    }

    pub(crate) fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    pub(crate) fn initial(&self) -> String {
        brand::initial(self.name)
    }
}
