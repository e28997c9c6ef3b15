//! One request to a page, as its handler sees it.

use std::ops::Deref;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use graphql_server::credentials::cookies;
use poem::http::{HeaderMap, Method};
use poem::{FromRequest, Request, RequestBody};

use super::target::{PageTarget, TargetKind};
use super::{ErrorKind, Layout, Reply, Site};
use crate::base::actor::{Audience, Client};
use crate::base::clock::{Clock, Moment};
use crate::base::db::pool::PooledConnection;
use crate::base::error::{Error, Result};
use crate::live::Live;
use crate::pages::credentials::cookie_name;
use crate::services::Services;
use crate::sign_in::context::SignInContext;
use crate::sign_in::open_session::{Browser, SessionTransport};

/// The pre-session cookie, which identifies the browser.
#[derive(Clone, Debug)]
pub(crate) struct BrowserCookie {
    pub value: String,
    /// The browser has no cookie yet and gets this one.
    pub new: bool,
}

impl BrowserCookie {
    pub(crate) fn cookie_name(https: bool) -> &'static str {
        if https {
            "__Host-vestibule_browser"
        } else {
            "vestibule_browser"
        }
    }

    pub(crate) fn of(headers: &HeaderMap, https: bool) -> Self {
        let well_formed = |value: &&str| {
            value.len() == 43
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        match cookie(headers, Self::cookie_name(https)).filter(well_formed) {
            Some(value) => Self {
                value: value.to_owned(),
                new: false,
            },
            None => {
                let bytes = Clock::System.moment().random::<32>();
                Self {
                    value: URL_SAFE_NO_PAD.encode(bytes),
                    new: true,
                }
            }
        }
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers)
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The data of a request that is known before routing.
pub(crate) struct Context {
    pub site: Arc<Site>,
    pub target: PageTarget,
    pub browser: BrowserCookie,
    pub client: Client,
    /// Whether the request posts a form.
    pub posted: bool,
}

impl Context {
    pub(crate) fn of(request: &Request, site: Arc<Site>) -> Self {
        let addresses = &site.services.settings.addresses;
        Self {
            target: PageTarget::of(request, addresses),
            browser: BrowserCookie::of(request.headers(), addresses.https()),
            client: Client::from_request(request),
            posted: request.method() == Method::POST,
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
        let key = &self.sign_in().keys.form;
        key.tag(&[self.browser.value.as_bytes(), action.as_bytes()])
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
        let layout = branding
            .as_ref()
            .map_or(Layout::SERVER, |branding| branding.layout());
        Reply::failure(&layout, kind, self.posted)
    }
}

/// The request with its [`Context`].
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    request: &'a Request,
    context: &'a Context,
}

impl Deref for Visit<'_> {
    type Target = Context;

    fn deref(&self) -> &Context {
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
        let context = request.data::<Arc<Context>>();
        let context = context.ok_or_else(|| Error::internal("a page outside of the site"))?;
        Ok(Self { request, context })
    }

    pub fn request(&self) -> &'a Request {
        self.request
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&'a str> {
        cookie(self.request.headers(), name)
    }

    pub(crate) fn cookie_names(&self) -> impl Iterator<Item = &'a str> {
        cookies(self.request.headers()).map(|(name, _)| name)
    }

    /// The browser's session cookie for this account.
    pub(crate) fn session_cookie(&self, audience: Audience, slug: &str) -> Option<&'a str> {
        self.cookie(&cookie_name(audience, slug, self.https()))
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
