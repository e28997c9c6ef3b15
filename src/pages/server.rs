//! The server's own pages: start, playground, health, keys, and which dashboard is meant.

use askama::Template;
use poem::{get, handler};

use super::routes::Routes;
use super::{Layout, Reply, Visit, assets, csp, dashboard, health};
use crate::base::actor::Role;
use crate::base::error::Result;

pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .at("/", get(start))
        .at("/graphiql", get(playground))
        .at("/healthz", get(alive))
        .at("/readyz", get(health::ready))
        .at("/metrics", get(health::show_metrics))
        .at("/.well-known/jwks.json", get(signing_keys))
        .at("/dashboard", get(dashboard::choose).post(dashboard::chosen));
    let routes = crate::team::pages::routes(routes);
    crate::sign_in::google::pages::server_routes(routes)
}

/// `/`: what runs here and where to go.
#[derive(Debug, Template)]
#[template(path = "pages/start.html")]
pub(crate) struct StartView<'a> {
    pub layout: Layout<'a>,
    /// The crate's version.
    pub version: &'a str,
    /// The demo's or only portal, where there is one to show.
    pub portal_href: Option<&'a str>,
    /// `/dashboard`.
    pub dashboard_href: &'a str,
    /// `/graphiql`, where it is served.
    pub playground_href: Option<&'a str>,
    /// The local outbox, where this server has one.
    pub outbox_href: Option<&'a str>,
    /// The server's public URL without a slash at its end, for the example request.
    pub public_url: &'a str,
    /// Its address is of this machine: the page may name commands.
    pub local: bool,
}

#[handler]
async fn start(visit: Visit<'_>) -> Result<Reply> {
    let addresses = &visit.services().settings.addresses;
    let open = dashboard::open_sessions(&visit).await?;
    let user = open.first();
    let portal = user.map(|user| addresses.portal(&user.site.account.slug));
    let owner = user.filter(|user| user.person.role() == Some(Role::Owner) && visit.site.outbox.is_some());
    let outbox = owner.map(|owner| owner.site.path("outbox"));
    let view = StartView {
        layout: Layout::SERVER,
        version: env!("CARGO_PKG_VERSION"),
        portal_href: portal.as_deref(),
        outbox_href: outbox.as_deref(),
        dashboard_href: "/dashboard",
        playground_href: Some("/graphiql"),
        public_url: &addresses.public,
        local: addresses.local(),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
fn playground() -> Reply {
    Reply::page(200, assets::graphiql_page(), csp::GRAPHIQL_CSP)
}

#[handler]
fn alive() -> Reply {
    Reply::text(200, "ok\n")
}

#[handler]
fn signing_keys(visit: Visit<'_>) -> Reply {
    Reply::json(&visit.sign_in().tokens.jwks(visit.now()))
}
