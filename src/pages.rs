//! The pages: each portal's, the dashboard's, and the server's own. They work without JavaScript.
//!
//! A page: a template in `templates/pages/`, its view in `http::views`, a handler here, a line in the `match` of its
//! [`Site::portal`], [`Site::dashboard`] or [`Site::server`], and one in [`routes::pattern`].

pub mod assets;
mod branding;
pub mod credentials;
mod dashboard;
pub(crate) mod forms;
mod health;
pub(crate) mod portal;
mod reply;
mod routes;
pub mod views;

use std::sync::Arc;

use graphql_server::metrics::Exporter;
use graphql_server::{RateLimit, host_of};
use poem::http::Method;
use poem::{Endpoint, IntoResponse, Request, Response};

use self::branding::Branding;
pub use self::branding::Brandings;
use self::forms::Visitor;
pub(crate) use self::reply::Reply;

use crate::base::actor::Audience;
use crate::base::actor::Client;
use crate::base::db::deadline::{Deadline, TimedOut};
use crate::base::db::share::Tenant;
use crate::base::error::{Code, Error};
use crate::base::secrets::ServerKey;
use crate::pages::credentials::cookie_name;
use crate::pages::views::{ErrorKind, Layout};
use crate::services::Services;
use crate::sign_in::authenticator::Authenticator;
use crate::sign_in::open_session::{SessionCredential, SignedIn};
use mailer::Outbox;

pub use self::health::Health;

/// What the pages work with.
#[derive(Clone)]
pub struct Site {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    /// The mails a loopback server without SMTP keeps: for their account's owner.
    pub outbox: Option<Outbox>,
    /// Whether there is no mail server, so that mails stay on this one.
    pub keeps_mail: bool,
    pub health: Health,
    /// For `/metrics`, where a token is set.
    pub metrics: Option<Exporter>,
    pub brandings: Brandings,
    /// None: no limit.
    pub rate_limit: Option<RateLimit>,
}

/// One request to a page.
pub(crate) struct Visit {
    pub method: Method,
    /// The path below the portal or the dashboard, in its parts.
    pub parts: Vec<String>,
    pub visitor: Visitor,
    pub client: Client,
    pub request: Request,
    /// Of the account whose page it is, once that is known.
    branding: Option<Branding>,
}

impl Visit {
    pub fn layout(&self) -> Layout<'_> {
        self.branding.as_ref().map_or(Layout::SERVER, Branding::layout)
    }

    pub fn error(&self, kind: ErrorKind<'_>) -> Reply {
        Reply::failure(&self.layout(), kind, self.method == Method::POST)
    }
}

impl Endpoint for Site {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.answer(request).await)
    }
}

impl Site {
    async fn answer(&self, request: Request) -> Response {
        let addresses = &self.services.settings.addresses;
        let host = host_of(&request, addresses.https());
        let path = request.uri().path().to_owned();
        let head = request.method() == Method::HEAD;
        let https = addresses.https();
        let (slug, rest) = match addresses.resolve(&host, &path) {
            Some((slug, rest)) => (Some(slug.to_owned()), rest.to_owned()),
            None => (None, path.trim_matches('/').to_owned()),
        };
        let visit = Visit {
            method: if head {
                Method::GET
            } else {
                request.method().clone()
            },
            parts: rest
                .split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            visitor: Visitor::of(&request, https),
            client: Client::of(&request),
            request,
            branding: None,
        };
        let visitor = visit.visitor.clone();
        graphql_server::route(routes::pattern(slug.is_some(), &visit.parts));
        let account = match (&slug, &visit.parts[..]) {
            (Some(slug), _) => Some((Audience::Portal, slug.clone())),
            (None, [first, slug, ..]) if first == "dashboard" => Some((Audience::Dashboard, slug.clone())),
            _ => None,
        };
        let (posted, changes) = (visit.method == Method::POST, visit.method != Method::GET);
        let deadline = Deadline::request();
        let reply = deadline.over(Box::pin(async {
            match tenant(slug.as_deref(), &visit.parts) {
                None => self.server(visit).await,
                Some(tenant) => self.bounded(tenant, slug.as_deref(), visit).await,
            }
        }));
        let reply = reply
            .await
            .unwrap_or_else(|TimedOut| Err(Error::unanswered(changes)));
        let reply = reply.unwrap_or_else(|error| {
            let branding = account.and_then(|(audience, slug)| self.brandings.get(audience, &slug));
            failed(
                branding.as_ref().map_or(Layout::SERVER, Branding::layout),
                posted,
                &error,
            )
        });
        reply.respond(&visitor, https, head)
    }

    /// A page, within what its source and its tenant may ask for.
    async fn bounded(&self, tenant: Tenant, slug: Option<&str>, visit: Visit) -> Result<Reply, Error> {
        if let Some(rate_limit) = &self.rate_limit {
            rate_limit.take(&visit.client)?;
        }
        let reply = async {
            match slug {
                Some(slug) => self.portal(slug, visit).await,
                None => self.server(visit).await,
            }
        };
        self.services.db.share(tenant).scope(Box::pin(reply)).await
    }

    async fn server(&self, visit: Visit) -> Result<Reply, Error> {
        let parts: Vec<&str> = visit.parts.iter().map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (&Method::GET, []) => self.start().await,
            (&Method::GET, ["graphiql"]) => {
                Ok(Reply::page(200, assets::graphiql_page(), views::GRAPHIQL_CSP))
            }
            (&Method::GET, ["healthz"]) => Ok(Reply::text(200, "ok\n")),
            (&Method::GET, ["readyz"]) => self.health.ready(&self.services).await,
            (&Method::GET, ["metrics"]) => self.metrics_page(&visit),
            (&Method::GET, [".well-known", "jwks.json"]) => Ok(Reply::json(
                &self.services.sign_in.tokens.jwks(self.services.clock.now()),
            )),
            (&Method::GET, ["auth", "google", "start"]) => self.google_start(&visit).await,
            (&Method::GET, ["auth", "google", "callback"]) => self.google_back(&visit).await,
            (_, ["dashboard", ..]) => self.dashboard(visit).await,
            _ => Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound)),
        }
    }

    /// Redirects, with the cookie of the session that was opened in this browser.
    pub(crate) fn set_session(&self, entered: &SignedIn, landing: String) -> Result<Reply, Error> {
        let SessionCredential::Cookie(cookie) = &entered.credential else {
            return Err(Error::internal("tokens were issued to a browser"));
        };
        let audience = crate::sign_in::pages::cookie_audience(entered.session.audience);
        let https = self.services.settings.addresses.https();
        let name = cookie_name(audience, &entered.slug, https);
        let seconds = (entered.session.expires_at - self.services.clock.now()).num_seconds();
        Ok(Reply::see_other(landing).cookie(&name, &cookie.reveal(), seconds, https))
    }

    pub(crate) fn form_key(&self) -> &ServerKey {
        &self.services.sign_in.keys.form
    }

    /// The token of the form that posts to this address.
    pub(crate) fn form_token(&self, visit: &Visit, action: &str) -> String {
        visit.visitor.form_token(self.form_key(), action)
    }

    async fn start(&self) -> Result<Reply, Error> {
        let addresses = &self.services.settings.addresses;
        let view = views::StartView {
            layout: Layout::SERVER,
            version: env!("CARGO_PKG_VERSION"),
            portal_href: None,
            dashboard_href: "/dashboard",
            playground_href: Some("/graphiql"),
            outbox_href: None,
            public_url: &addresses.public,
            local: addresses.loopback(),
        };
        Reply::view(200, &view, &view.layout)
    }
}

/// Whose part of the pool a page takes its connections from. What asks how the server is comes through at any time.
fn tenant(slug: Option<&str>, parts: &[String]) -> Option<Tenant> {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (slug, &parts[..]) {
        (None, ["healthz" | "readyz" | "metrics"]) => None,
        (Some(slug), _) | (None, &["dashboard", slug, ..]) => Some(Tenant::Pages(slug.into())),
        (None, _) => Some(Tenant::Anonymous),
    }
}

/// What a visitor sees of a failure.
fn failed(layout: Layout<'_>, posted: bool, error: &Error) -> Reply {
    let said = error.report();
    let kind = match error.code {
        Code::Unavailable => ErrorKind::Unavailable,
        Code::NotFound => ErrorKind::NotFound,
        Code::RateLimited => ErrorKind::TooMany {
            retry_after: error.retry_after.unwrap_or(60),
        },
        Code::BadUserInput => ErrorKind::BadRequest(Some(&said)),
        Code::Conflict => ErrorKind::Conflict(&said),
        Code::Unauthenticated | Code::Forbidden => ErrorKind::Forbidden,
        _ => ErrorKind::Internal {
            id: (said.split_whitespace().find(|word| word.len() == 36)).unwrap_or_default(),
        },
    };
    Reply::failure(&layout, kind, posted)
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.bare()
    }
}
