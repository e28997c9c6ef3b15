//! The pages as data: one struct per template in `templates/pages`, filled by the routes and rendered with
//! [`askama::Template::render`]. Plain values only; nothing here knows a database, a session or a request.
//!
//! Rules for a route that fills a view:
//!
//! 1. Addresses of contacts come masked ([`mask_email`]), except the one the visitor just typed.
//! 2. Every path (`action`, `*_href`, `home`) is made by the server from its own settings and the portal's slug,
//!    never from the request.
//! 3. Send [`Layout::content_security_policy`] with the page, or the constant that the view's own doc names.

mod csp;
mod linkify;
mod portal;
mod server;

pub use crate::sign_in::not_me::pages::views::{NotMeUnknownView, NotMeView, Protested};
pub use crate::sign_in::pages::views::{
    Doorway, ForgotView, LoginConfirmView, LoginView, LoginWaitView, PasswordLoginView, ResetView, ToldView,
    Waiting,
};
pub use crate::sign_in::profile::pages::views::{PasswordCard, ProfileView, SessionRow, StepUpView};
pub use crate::team::pages::views::{
    ChooseDashboardView, DashboardRow, DashboardView, StaffLinkView, StaffRefusal, StaffRefusedView,
};
pub use csp::{GRAPHIQL_CSP, OUTBOX_MAIL_CSP};
pub use linkify::{TextPart, linkify};
pub use portal::{FreshOffer, HomeView, LinkConfirmView, LinkRefusal, LinkRefusedView, SignedIn};
pub use server::{ErrorKind, ErrorView, OutboxMailView, OutboxRow, OutboxView, StartView};

use crate::accounts::brand;
use crate::accounts::brand::Accent;
use crate::pages::assets;

/// What every page shares: whose it is and how it looks.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// The portal's name on portal pages, the account's on the dashboard, `Vestibule` on the server's own pages.
    pub name: &'a str,
    /// Where the name in the header leads: a path of this server such as `/p/acme`. `None`: plain text.
    pub home: Option<&'a str>,
    /// The account's validated colour; [`Accent::DEFAULT`] on the server's own pages.
    pub accent: Accent,
}

impl<'a> Layout<'a> {
    /// The server's own pages: start, outbox, staff sign-in, errors outside a portal.
    pub const SERVER: Layout<'static> = Layout {
        name: "Vestibule",
        home: Some("/"),
        accent: Accent::DEFAULT,
    };

    /// A portal's pages.
    #[must_use]
    pub fn portal(name: &'a str, home: &'a str, accent: Accent) -> Self {
        Self {
            name,
            home: Some(home),
            accent,
        }
    }

    /// The header `Content-Security-Policy` of every page that extends the layout, the dashboard included.
    #[must_use]
    pub fn content_security_policy(&self) -> String {
        csp::page(self.accent)
    }

    pub(crate) fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    pub(crate) fn initial(&self) -> String {
        brand::initial(self.name)
    }
}

/// A section as the pages word it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionName {
    Home,
    Courses,
    Communities,
    Affiliates,
}

impl SectionName {
    pub const ALL: [Self; 4] = [Self::Home, Self::Courses, Self::Communities, Self::Affiliates];

    /// As a menu says it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Courses => "Courses",
            Self::Communities => "Communities",
            Self::Affiliates => "Affiliates",
        }
    }

    /// As a sentence says it: "Opens in your courses".
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Home => "the home page",
            Self::Courses => "your courses",
            Self::Communities => "your communities",
            Self::Affiliates => "your affiliate area",
        }
    }

    /// The value of the form field `section`, the same word as the API's `PortalSection`.
    #[must_use]
    pub fn value(self) -> &'static str {
        match self {
            Self::Home => "HOME",
            Self::Courses => "COURSES",
            Self::Communities => "COMMUNITIES",
            Self::Affiliates => "AFFILIATES",
        }
    }

    /// The path under the portal's address; empty for home.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Home => "",
            Self::Courses => "/courses",
            Self::Communities => "/communities",
            Self::Affiliates => "/affiliates",
        }
    }
}

/// `anna@example.com` as `a***@example.com`; what is no address becomes `***`.
#[must_use]
pub fn mask_email(email: &str) -> String {
    match (email.rsplit_once('@'), email.chars().next()) {
        (Some((local, domain)), Some(first)) if !local.is_empty() && !domain.is_empty() => {
            format!("{first}***@{domain}")
        }
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests;
