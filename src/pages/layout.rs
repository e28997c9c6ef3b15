//! What every page shares: its name, its branding, its `Content-Security-Policy`.
//!
//! Rules for a view: email addresses of contacts are masked, except one that the visitor just typed; every path (`action`,
//! `*_href`, `home`) is built from the server's settings and the account's slug, never from the request.

use super::csp::Sources;
use super::{assets, csp};
use crate::accounts::brand;
use crate::accounts::brand::Colors;
use crate::accounts::model::Account;
use crate::base::locale::text::Text;
use crate::base::locale::{Language, Locale};

/// An account's logo in the bar. One that is wide holds the account's name by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logo {
    /// A path of this server.
    pub src: String,
    pub width: u32,
    pub height: u32,
    pub wide: bool,
}

impl Logo {
    /// `base`: the path of the account's pages, without a trailing slash.
    pub(crate) fn of(account: &Account, base: &str) -> Option<Self> {
        let file = account.logo()?;
        Some(Self {
            src: format!("{base}/logo/{}", file.name),
            wide: file.width >= 2 * file.height,
            width: file.width,
            height: file.height,
        })
    }
}

/// The name and the branding of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout<'a> {
    /// The portal's name on portal pages, the account's on the dashboard, `Vestibule` on the server's own pages.
    pub name: &'a str,
    /// Where the name in the header links to: a path of this server such as `/p/acme`. `None`: plain text.
    pub home: Option<&'a str>,
    /// The account's; [`Colors::DEFAULT`] on the server's own pages.
    pub colors: Colors,
    pub logo: Option<&'a Logo>,
    /// The language of its texts, and the zone of its times.
    pub locale: Locale,
}

impl<'a> Layout<'a> {
    /// The server's own pages: start, outbox, staff sign-in, errors outside a portal.
    pub(crate) const SERVER: Layout<'static> = Layout {
        name: "Vestibule",
        home: Some("/"),
        colors: Colors::DEFAULT,
        logo: None,
        locale: Locale::DEFAULT,
    };

    /// A portal's pages.
    #[must_use]
    pub(crate) fn portal(name: &'a str, home: &'a str, colors: Colors, locale: Locale) -> Self {
        Self {
            name,
            home: Some(home),
            colors,
            logo: None,
            locale,
        }
    }

    #[must_use]
    pub(crate) fn with_logo(self, logo: Option<&'a Logo>) -> Self {
        Self { logo, ..self }
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
        csp::page(self.colors, &Sources::default())
    }

    pub(crate) fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    pub(crate) fn initial(&self) -> String {
        brand::initial(self.name)
    }
}
