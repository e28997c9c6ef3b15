//! The server's own pages: start, playground, health, keys, and the choice of a dashboard.

use askama::Template;
use poem::{get, handler};

use super::routes::Routes;
use super::{ErrorKind, Layout, Reply, Visit, assets, csp, dashboard, health};
use crate::base::actor::Role;
use crate::base::error::Result;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/", get(start))
        .at("/graphiql", get(playground))
        .at("/schema.graphql", get(schema))
        .at("/healthz", get(alive))
        .at("/readyz", get(health::ready))
        .at("/metrics", get(health::show_metrics))
        .at("/.well-known/jwks.json", get(signing_keys))
        .at(
            "/dashboard",
            get(dashboard::choose).post(dashboard::choose_submit),
        )
}

/// `/`: the start page.
#[derive(Debug, Template)]
#[template(path = "pages/start.html")]
pub(crate) struct StartView<'a> {
    pub layout: Layout<'a>,
    /// The crate's version.
    pub version: &'a str,
    /// The portal of the dashboard that the browser is signed in to.
    pub portal_href: Option<&'a str>,
    /// `/dashboard`.
    pub dashboard_href: &'a str,
    /// `/graphiql`, if it is served.
    pub playground_href: Option<&'a str>,
    /// The local outbox, if this server has one.
    pub outbox_href: Option<&'a str>,
    /// The server's public URL without a trailing slash, for the example request.
    pub public_url: &'a str,
    /// The public URL is of this machine, so the page shows commands.
    pub local: bool,
}

#[handler]
async fn start(visit: Visit<'_>) -> Result<Reply> {
    let addresses = &visit.services().settings.addresses;
    let sessions = dashboard::open_sessions(&visit).await?;
    let user = sessions.first();
    let portal = user.map(|user| addresses.portal(&user.site.account.slug));
    let owner = user.filter(|user| user.person.role() == Some(Role::Owner) && visit.site.outbox.is_some());
    let outbox = owner.map(|owner| owner.site.path("outbox"));
    let view = StartView {
        layout: visit.server_layout(),
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

/// The schema with its descriptions, for code generators. As public as introspection.
#[handler]
fn schema(visit: Visit<'_>) -> Reply {
    match &visit.site.schema {
        Some(sdl) => Reply::text(200, &**sdl),
        None => visit.error(ErrorKind::NotFound),
    }
}

#[handler]
fn alive() -> Reply {
    Reply::text(200, "ok\n")
}

#[handler]
fn signing_keys(visit: Visit<'_>) -> Reply {
    Reply::json(&visit.sign_in().tokens.jwks(visit.now()))
}
