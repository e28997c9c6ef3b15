//! The pages: each portal's, the dashboard's, and the server's own. They work without JavaScript.
//!
//! To add a page: a template in `templates/pages/`, a handler with its view in the feature's `pages.rs`, and a line in the `routes`
//! of that file. The first page of a feature also needs a line in [`Pages::new`].

pub(crate) mod assets;
mod branding;
mod browser_cookie;
mod cover;
pub(crate) mod credentials;
pub(crate) mod csp;
mod dashboard;
mod error_page;
mod forms;
mod health;
mod layout;
mod moved;
mod outcome;
mod portal;
mod reply;
mod return_path;
pub(crate) mod routes;
mod server;
mod session;
mod target;
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
use self::browser_cookie::BrowserCookie;
pub(crate) use self::cover::Cover;
pub(crate) use self::error_page::{ErrorKind, wait_text};
pub(crate) use self::forms::{BODY_TIMEOUT, Form, MAX_BODY_LEN};
pub(crate) use self::health::Health;
pub(crate) use self::layout::Layout;
pub(crate) use self::outcome::OutcomeView;
pub(crate) use self::portal::reader::{PortalReader, ViewBanner};
pub(crate) use self::portal::shell::{PortalPage, Shell};
pub(crate) use self::reply::Reply;
use self::reply::{SetBrowserCookie, set_cookie};
use self::routes::Routes;
pub(crate) use self::session::{CurrentUser, PageSession, SignInOptions, SignInSite};
use self::target::TargetKind;
pub(crate) use self::visit::{PageContext, Visit};

use crate::base::actor::Audience;
use crate::base::db::deadline::{Deadline, TimedOut};
use crate::base::error::{Code, Error, Result};
use crate::messages::pages::LocalOutbox;
use crate::services::Services;
use crate::sign_in::authenticator::Authenticator;
use crate::{
    accounts, affiliates, communities, contacts, courses, magic_links, mailings, messages, portal_views, sign_in, team,
};

/// The lifetime of a browser's pre-session cookie: the maximum that browsers accept (RFC 6265bis, section 5.5). With a shorter
/// lifetime, later sign-ins would look like those of a new device.
const BROWSER_COOKIE_SECONDS: i64 = 400 * 86_400;

/// The dependencies of the pages.
pub(crate) struct Site {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    /// What a loopback server keeps instead of sending it, for the account's owner.
    pub outbox: Option<LocalOutbox>,
    /// No mail server is configured: emails are stored on this server.
    pub keeps_mail: bool,
    pub health: Health,
    /// The schema in SDL, if clients may introspect it.
    pub schema: Option<String>,
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
    /// The pages of a portal that a team member views as a contact.
    views: Route,
    dashboards: Route,
    server: Route,
}

impl Pages {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site: Arc::new(site),
            portals: Routes::of_portals()
                .with(portal::routes)
                .with(courses::pages::routes)
                .with(communities::pages::routes)
                .with(magic_links::pages::routes)
                .with(mailings::pages::routes)
                .with(affiliates::pages::routes)
                .with(accounts::pages::routes)
                .with(sign_in::pages::routes)
                .with(sign_in::profile::pages::routes)
                .finish(),
            views: Routes::of_views()
                .with(portal::read_routes)
                .with(courses::pages::read_routes)
                .with(communities::pages::routes)
                .with(affiliates::pages::read_routes)
                .with(accounts::pages::routes)
                .with(portal_views::pages::routes)
                .finish(),
            dashboards: Routes::of_dashboards()
                .with(dashboard::routes)
                .with(accounts::pages::routes)
                .with(contacts::pages::routes)
                .with(messages::pages::routes)
                .with(sign_in::pages::routes)
                .with(sign_in::profile::pages::routes)
                .finish(),
            server: Routes::of_server()
                .with(server::routes)
                .with(team::pages::routes)
                .with(sign_in::google::pages::server_routes)
                .with(messages::pages::twilio::server_routes)
                .finish(),
        }
    }

    fn routes(&self, context: &PageContext) -> (&Route, &'static str) {
        match context.target.kind {
            TargetKind::Account { .. } if context.target.viewing => (&self.views, "{portal}/view-as/other"),
            TargetKind::Account {
                audience: Audience::Portal,
                ..
            } => (&self.portals, "{portal}/other"),
            TargetKind::Account {
                audience: Audience::Dashboard,
                ..
            } => (&self.dashboards, "other"),
            TargetKind::Server => (&self.server, "other"),
        }
    }

    async fn respond(&self, mut request: Request, context: &Arc<PageContext>) -> poem::Result<Response> {
        let (routes, unknown_label) = self.routes(context);
        graphql_server::route(unknown_label);
        strip_base(&mut request, context)?;
        request.set_data(Arc::clone(context));
        match context.target.tenant() {
            None => with_not_found_page(routes.call(request).await, context).await,
            Some(tenant) => {
                if let Some(rate_limit) = &self.site.rate_limit {
                    rate_limit.check(&context.client).map_err(Error::from)?;
                }
                let response = async { with_not_found_page(routes.call(request).await, context).await };
                context
                    .services()
                    .db
                    .quota(tenant)
                    .scope(Box::pin(response))
                    .await
            }
        }
    }
}

impl Endpoint for Pages {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (is_head, is_change) = match *request.method() {
            Method::HEAD => (true, false),
            ref method => (false, method != Method::GET),
        };
        let context = Arc::new(PageContext::of(&request, Arc::clone(&self.site)));
        let result = Box::pin(self.respond(request, &context));
        let result = match Deadline::request().run(result).await {
            Ok(result) => result,
            Err(TimedOut) => Err(Error::timed_out(is_change).into()),
        };
        let mut response = result.unwrap_or_else(|error| match error.downcast::<Error>() {
            Ok(error) => error_reply(&context, &error).into_response(),
            Err(error) => error.into_response(),
        });
        if let Some(redirect) = context.redirect_of_former_slug() {
            response = redirect;
        }
        context.add_renamed_cookie(&mut response);
        if context.browser.new && response.data::<SetBrowserCookie>().is_some() {
            set_browser_cookie(&mut response, &context);
        }
        if is_head {
            response.set_body(());
        }
        Ok(response)
    }
}

/// Routes see the path below the portal or the dashboard.
fn strip_base(request: &mut Request, context: &PageContext) -> Result<()> {
    let uri = format!("{}{}", context.target.path, context.query);
    *request.uri_mut() = uri.parse().map_err(Error::internal)?;
    Ok(())
}

/// Replaces poem's response for an unknown page by one in the layout of the account.
async fn with_not_found_page(
    result: poem::Result<Response>,
    context: &PageContext,
) -> poem::Result<Response> {
    match result {
        Err(error)
            if error.is::<NotFoundError>()
                || error.is::<MethodNotAllowedError>()
                || error.is::<ParsePathError>() =>
        {
            let mut conn = context.conn().await?;
            SignInSite::find(&mut conn, context).await?;
            Ok(context.error(ErrorKind::NotFound).into_response())
        }
        result => result,
    }
}

fn set_browser_cookie(response: &mut Response, context: &PageContext) {
    let name = BrowserCookie::cookie_name(context.https());
    let cookie = set_cookie(
        name,
        &context.browser.value,
        BROWSER_COOKIE_SECONDS,
        context.https(),
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The page that a visitor sees for an error.
fn error_reply(context: &PageContext, error: &Error) -> Reply {
    let reported = error.report();
    let id = reported.id.map(|id| id.to_string()).unwrap_or_default();
    context.error(match error.code {
        Code::Unavailable => ErrorKind::Unavailable,
        Code::NotFound => ErrorKind::NotFound,
        Code::RateLimited => ErrorKind::TooMany {
            retry_after: error.retry_after.unwrap_or(60),
        },
        Code::BadUserInput => ErrorKind::BadRequest(Some(&reported.message)),
        Code::Conflict => ErrorKind::Conflict,
        Code::Unauthenticated | Code::Forbidden => ErrorKind::Forbidden,
        _ => ErrorKind::Internal { id: &id },
    })
}

/// Lets handlers return errors. [`Pages`] turns them into pages.
impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
