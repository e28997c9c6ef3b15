//! The pages: each portal's, the dashboard's, and the server's own. They work without JavaScript.
//!
//! A page: a template in `templates/pages/`, a handler with its view in the feature's `pages.rs`, and a line in the `routes` of
//! that file.

pub(crate) mod assets;
mod branding;
pub(crate) mod credentials;
pub(crate) mod csp;
mod dashboard;
mod error_page;
mod forms;
mod health;
mod layout;
mod outcome;
mod place;
mod portal;
mod reply;
pub(crate) mod routes;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod visit;

use std::sync::Arc;

use graphql_server::RateLimit;
use graphql_server::metrics::Exporter;
use poem::error::{MethodNotAllowedError, NotFoundError, ParsePathError, ResponseError};
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response, Route};

pub(crate) use self::branding::BrandingCache;
pub(crate) use self::error_page::ErrorKind;
pub(crate) use self::forms::Form;
pub(crate) use self::health::Health;
pub(crate) use self::layout::Layout;
pub(crate) use self::outcome::OutcomeView;
use self::place::PlaceKind;
pub(crate) use self::reply::Reply;
use self::reply::{KeepBrowser, set_cookie};
use self::routes::Routes;
pub(crate) use self::session::{CurrentUser, PageSession, SignInOptions, SignInSite};
use self::visit::Visitor;
pub(crate) use self::visit::{Context, Visit};

use crate::base::actor::Audience;
use crate::base::db::deadline::{Deadline, TimedOut};
use crate::base::error::{Code, Error, Result};
use crate::services::Services;
use crate::sign_in::authenticator::Authenticator;
use mailer::Outbox;

/// How long a browser is known by its pre-session cookie: as long as browsers keep any (RFC 6265bis, section 5.5). A shorter
/// life would make later sign-ins look like those of a new device.
const BROWSER_SECONDS: i64 = 400 * 86_400;

/// What the pages need.
pub(crate) struct Site {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    /// The emails that a loopback server without SMTP keeps, for their account's owner.
    pub outbox: Option<Outbox>,
    /// There is no mail server, so emails stay on this one.
    pub keeps_mail: bool,
    pub health: Health,
    /// For `/metrics`, if a token is set.
    pub metrics: Option<Exporter>,
    pub brandings: BrandingCache,
    /// `None`: no limit.
    pub rate_limit: Option<RateLimit>,
}

/// The endpoint that finds the portal or dashboard of a request and passes it to the routes of its pages.
pub(crate) struct Pages {
    site: Arc<Site>,
    portals: Route,
    dashboards: Route,
    server: Route,
}

impl Pages {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site: Arc::new(site),
            portals: account_routes(portal::routes(Routes::of_portals())).finish(),
            dashboards: account_routes(dashboard::routes(Routes::of_dashboards())).finish(),
            server: server::routes(Routes::of_server()).finish(),
        }
    }

    fn routes(&self, context: &Context) -> (&Route, &'static str) {
        match context.place.kind {
            PlaceKind::Account {
                audience: Audience::Portal,
                ..
            } => (&self.portals, "{portal}/other"),
            PlaceKind::Account {
                audience: Audience::Dashboard,
                ..
            } => (&self.dashboards, "other"),
            PlaceKind::Server => (&self.server, "other"),
        }
    }

    async fn answer(&self, mut request: Request, context: &Arc<Context>) -> poem::Result<Response> {
        let (routes, unknown) = self.routes(context);
        graphql_server::route(unknown);
        strip_base(&mut request, context)?;
        request.set_data(Arc::clone(context));
        match context.place.tenant() {
            None => found(routes.call(request).await, context).await,
            Some(tenant) => {
                if let Some(rate_limit) = &self.site.rate_limit {
                    rate_limit.check(&context.client).map_err(Error::from)?;
                }
                let answer = async { found(routes.call(request).await, context).await };
                context.services().db.quota(tenant).scope(Box::pin(answer)).await
            }
        }
    }
}

impl Endpoint for Pages {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (head, changes) = match *request.method() {
            Method::HEAD => (true, false),
            ref method => (false, method != Method::GET),
        };
        let context = Arc::new(Context::of(&request, Arc::clone(&self.site)));
        let answer = Box::pin(self.answer(request, &context));
        let answer = match Deadline::request().run(answer).await {
            Ok(answer) => answer,
            Err(TimedOut) => Err(Error::timed_out(changes).into()),
        };
        let mut response = answer.unwrap_or_else(|error| match error.downcast::<Error>() {
            Ok(error) => failed(&context, &error).into_response(),
            Err(error) => error.into_response(),
        });
        if context.visitor.new && response.data::<KeepBrowser>().is_some() {
            keep_browser(&mut response, &context);
        }
        if head {
            response.set_body(());
        }
        Ok(response)
    }
}

/// The pages that portals and dashboards share.
fn account_routes(routes: Routes) -> Routes {
    let routes = crate::sign_in::pages::routes(routes);
    crate::sign_in::profile::pages::routes(routes)
}

/// Routes see the path below the portal or the dashboard.
fn strip_base(request: &mut Request, context: &Context) -> Result<()> {
    let query = request.uri().query().map(|query| format!("?{query}"));
    let uri = format!("{}{}", context.place.path, query.unwrap_or_default());
    *request.uri_mut() = uri.parse().map_err(Error::internal)?;
    Ok(())
}

/// A page that doesn't exist looks like the others of its account.
async fn found(answer: poem::Result<Response>, context: &Context) -> poem::Result<Response> {
    match answer {
        Err(error)
            if error.is::<NotFoundError>()
                || error.is::<MethodNotAllowedError>()
                || error.is::<ParsePathError>() =>
        {
            let mut conn = context.conn().await?;
            SignInSite::find(&mut conn, context).await?;
            Ok(context.error(ErrorKind::NotFound).into_response())
        }
        answer => answer,
    }
}

fn keep_browser(response: &mut Response, context: &Context) {
    let name = Visitor::cookie_name(context.https());
    let cookie = set_cookie(name, &context.visitor.browser, BROWSER_SECONDS, context.https());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What a visitor sees of a failure.
fn failed(context: &Context, error: &Error) -> Reply {
    let said = error.report();
    context.error(match error.code {
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
    })
}

/// So that handlers can pass errors on. What visitors see of them is made by [`Pages`].
impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
