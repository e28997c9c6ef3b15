//! The server's own pages: start, playground, health, keys, and which dashboard is meant.

use poem::{get, handler};

use super::routes::Routes;
use super::{Reply, Visit, assets, dashboard, health};
use crate::base::actor::Role;
use crate::base::error::Result;
use crate::pages::views::{self, Layout, StartView};

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
        local: addresses.loopback(),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
fn playground() -> Reply {
    Reply::page(200, assets::graphiql_page(), views::GRAPHIQL_CSP)
}

#[handler]
fn alive() -> Reply {
    Reply::text(200, "ok\n")
}

#[handler]
fn signing_keys(visit: Visit<'_>) -> Reply {
    Reply::json(&visit.sign_in().tokens.jwks(visit.now()))
}
