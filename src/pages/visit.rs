//! One request to a page, as its handler sees it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use graphql_server::credentials::cookies;
use poem::http::{Method, header};
use poem::{FromRequest, Request, RequestBody};

use super::browser_cookie::{BrowserCookie, find_cookie};
use super::target::{PageTarget, TargetKind};
use super::{ErrorKind, Layout, Reply, Site};
use crate::base::actor::Client;
use crate::base::clock::Moment;
use crate::base::db::pool::PooledConnection;
use crate::base::device;
use crate::base::error::{Error, Result};
use crate::base::locale::Language;
use crate::live::Live;
use crate::services::Services;
use crate::sign_in::context::SignInContext;
use crate::sign_in::open_session::{Browser, SessionTransport};

/// The data of a request that is known before routing.
pub(crate) struct PageContext {
    pub site: Arc<Site>,
    pub target: PageTarget,
    pub browser: BrowserCookie,
    pub client: Client,
    /// The browser's first choice.
    pub language: Option<Language>,
    /// Whether the request posts a form.
    pub posted: bool,
    /// Whether the user opens the page: neither a `HEAD` request nor a page that the browser loads in advance (`Sec-Purpose`).
    pub opened: bool,
    /// Whether the client asks for the headers alone. The router hands such a request to the handler as `GET`.
    pub headers_only: bool,
    /// With its question mark; empty if there is none.
    pub query: String,
    /// The account's slug, if the request has a former one.
    pub(super) moved_to: OnceLock<String>,
    /// A header that gives the session's cookie its present name.
    pub(super) renamed_cookie: OnceLock<String>,
}

impl PageContext {
    pub(crate) fn of(request: &Request, site: Arc<Site>) -> Self {
        let addresses = &site.services.settings.addresses;
        Self {
            target: PageTarget::of(request, addresses),
            browser: BrowserCookie::of(request.headers(), addresses.https()),
            client: Client::from_request(request),
            language: request
                .header(header::ACCEPT_LANGUAGE)
                .and_then(Language::preferred),
            posted: request.method() == Method::POST,
            opened: request.method() == Method::GET && !loads_in_advance(request),
            headers_only: request.method() == Method::HEAD,
            query: (request.uri().query()).map_or_else(String::new, |query| format!("?{query}")),
            moved_to: OnceLock::new(),
            renamed_cookie: OnceLock::new(),
            site,
        }
    }

    pub(crate) fn services(&self) -> &Services {
        &self.site.services
    }

    pub(crate) fn sign_in(&self) -> &SignInContext {
        &self.site.services.sign_in
    }

    pub(crate) fn live(&self) -> &Live {
        &self.site.services.live
    }

    pub(crate) fn moment(&self) -> Moment {
        self.site.services.clock.moment()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.site.services.clock.now()
    }

    pub(crate) async fn conn(&self) -> Result<PooledConnection> {
        self.site.services.db.conn().await
    }

    pub(crate) fn https(&self) -> bool {
        self.site.services.settings.addresses.https()
    }

    /// The page's own path, without its query.
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.target.base, self.target.path)
    }

    /// The token of the form that posts to this path.
    pub(crate) fn form_token(&self, action: &str) -> String {
        self.sign_in().keys.form.tag(&self.form_token_parts(action))
    }

    /// What a form's token is bound to. The account is part of it because portals on hosts of their own have the same paths.
    pub(crate) fn form_token_parts<'a>(&'a self, action: &'a str) -> [&'a [u8]; 4] {
        let (audience, slug) = match &self.target.kind {
            TargetKind::Account { audience, slug } => (audience.as_str(), slug.as_str()),
            TargetKind::Server => ("", ""),
        };
        [&self.browser.value, audience, slug, action].map(str::as_bytes)
    }

    /// Pages deliver new sessions as cookies of this browser.
    pub(crate) fn transport(&self) -> SessionTransport<'_> {
        SessionTransport::Cookie(Browser(&self.browser.value))
    }

    /// An error page, in the layout of the account if it is known.
    pub(crate) fn error(&self, kind: ErrorKind<'_>) -> Reply {
        let branding = match &self.target.kind {
            TargetKind::Account { audience, slug } => self.site.brandings.get(*audience, slug),
            TargetKind::Server => None,
        };
        let mut layout = branding
            .as_ref()
            .map_or(Layout::SERVER, |branding| branding.layout());
        if self.target.viewing {
            layout.home = Some(&self.target.base);
        }
        Reply::failure(&layout.in_language(self.language), kind, self.posted)
    }

    /// The layout of the server's own pages.
    pub(crate) fn server_layout(&self) -> Layout<'static> {
        Layout::SERVER.in_language(self.language)
    }
}

fn loads_in_advance(request: &Request) -> bool {
    let purposes = ["sec-purpose", "purpose", "x-moz"].map(|name| request.header(name).unwrap_or_default());
    purposes.iter().any(|purpose| purpose.contains("prefetch"))
}

/// The request with its [`PageContext`].
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    request: &'a Request,
    context: &'a PageContext,
}

impl Deref for Visit<'_> {
    type Target = PageContext;

    fn deref(&self) -> &PageContext {
        self.context
    }
}

impl<'a> FromRequest<'a> for Visit<'a> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request)?)
    }
}

impl<'a> Visit<'a> {
    pub(crate) fn of(request: &'a Request) -> Result<Self> {
        let context = request.data::<Arc<PageContext>>();
        let context = context.ok_or_else(|| Error::internal("a page outside of the site"))?;
        Ok(Self { request, context })
    }

    pub fn request(&self) -> &'a Request {
        self.request
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&'a str> {
        find_cookie(self.request.headers(), name)
    }

    /// Whether this is probably a mail scanner or a link preview: it asks for the headers alone, or it is no browser, as far as it
    /// says, and has no cookie of an earlier page.
    pub(crate) fn probably_scanned(&self) -> bool {
        self.headers_only || self.browser.new && device::is_automatic(self.client.user_agent.as_deref())
    }

    pub(crate) fn cookies(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        cookies(self.request.headers())
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.request.uri().query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}
