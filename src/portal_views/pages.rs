//! The link of a view: `GET` shows a page with one button, whose `POST` opens the view, because prefetchers open addresses too. And the end of
//! a view. Its pages are the portal's own, below `/view-as`.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Form, Layout, OutcomeView, Reply, SignInSite, Visit};
use crate::portal_views::model::{LIFETIME, LiveView, PortalView, ViewRefusal};

/// The path of the form that ends a view, below its pages.
pub(crate) const END_PATH: &str = "end";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/end", get(redirect_to_start).post(end))
        .at("/:token", get(show).post(open))
}

/// `GET /view-as/{token}`: as whom the portal will be viewed, and the one button that does it.
#[derive(Debug, Template)]
#[template(path = "pages/view_link.html")]
pub(crate) struct ViewLinkView<'a> {
    pub layout: Layout<'a>,
    /// The contact's name, or else their address.
    pub contact: &'a str,
    /// The path that the button posts to: this page's own.
    pub action: &'a str,
    pub form_token: &'a str,
}

/// The cookie of a view. The account's id is in its name, so that it doesn't depend on the slug.
fn cookie_name(site: &SignInSite, https: bool) -> String {
    let host = if https { "__Host-" } else { "" };
    format!("{host}vestibule_view_{}", site.account.id.suffix())
}

async fn view_of_browser(
    conn: &mut Conn,
    visit: &Visit<'_>,
    site: &SignInSite,
) -> Result<Option<PortalView>> {
    let cookie = visit.cookie(&cookie_name(site, visit.https()));
    let secret = cookie.and_then(|value| PlainSecret::parse(SecretKind::View, value));
    match secret.filter(|secret| secret.account == site.account.id) {
        Some(secret) => PortalView::by_cookie(conn, &secret).await,
        None => Ok(None),
    }
}

/// The view of this browser, or why there is none.
pub(crate) async fn find_view(
    conn: &mut Conn,
    visit: &Visit<'_>,
    site: &SignInSite,
) -> Result<std::result::Result<LiveView, ViewRefusal>> {
    match view_of_browser(conn, visit, site).await? {
        Some(view) => view.check(conn, visit.now()).await,
        None => Ok(Err(ViewRefusal::Ended)),
    }
}

async fn find_link(
    conn: &mut Conn,
    visit: &Visit<'_>,
    site: &SignInSite,
    token: &str,
) -> Result<std::result::Result<LiveView, ViewRefusal>> {
    let secret = PlainSecret::parse(SecretKind::ViewLink, token);
    let Some(secret) = secret.filter(|secret| secret.account == site.account.id) else {
        return Ok(Err(ViewRefusal::Unknown));
    };
    match PortalView::by_link(conn, &secret).await? {
        Some(view) => view.check_link(conn, visit.now()).await,
        None => Ok(Err(ViewRefusal::Unknown)),
    }
}

#[handler]
async fn show(visit: Visit<'_>, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let live = match find_link(&mut conn, &visit, &site, &token).await? {
        Ok(live) => live,
        Err(refusal) => return refuse(&visit, &site, refusal),
    };
    let action = visit.path();
    let view = ViewLinkView {
        layout: site.layout(),
        contact: &live.contact_name(),
        action: &action,
        form_token: &visit.form_token(&action),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
async fn open(visit: Visit<'_>, _form: Form, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let live = match find_link(&mut conn, &visit, &site, &token).await? {
        Ok(live) => live,
        Err(refusal) => return refuse(&visit, &site, refusal),
    };
    let (moment, client) = (visit.moment(), &visit.client);
    let before = view_of_browser(&mut conn, &visit, &site).await?;
    let opened = conn
        .transaction(async |conn| -> Result<_> {
            let Some((_, secret)) = live.view.open(conn, client, &moment).await? else {
                return Ok(None);
            };
            if let Some(before) = before {
                before.end(conn, client, &moment).await?;
            }
            Ok(Some(secret))
        })
        .await?;
    let Some(secret) = opened else {
        return refuse(&visit, &site, ViewRefusal::Used);
    };
    let https = visit.https();
    let name = cookie_name(&site, https);
    Ok(Reply::see_other(site.base).cookie(&name, &secret.reveal(), LIFETIME.num_seconds(), https))
}

/// `GET` of the form's path, as by a reload.
#[handler]
async fn redirect_to_start(site: SignInSite) -> Reply {
    Reply::see_other(site.base)
}

/// Ends the view of this browser. A portal session of the same browser stays as it is.
#[handler]
async fn end(visit: Visit<'_>, site: SignInSite, _form: Form) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    if let Some(view) = view_of_browser(&mut conn, &visit, &site).await? {
        let (moment, client) = (visit.moment(), &visit.client);
        conn.transaction(async |conn| view.end(conn, client, &moment).await)
            .await?;
    }
    let name = cookie_name(&site, visit.https());
    Ok(Reply::see_other(site.base).cookie(&name, "", 0, visit.https()))
}

impl ViewRefusal {
    fn status(self) -> u16 {
        match self {
            Self::Unknown => 404,
            Self::Used
            | Self::LinkExpired
            | Self::Ended
            | Self::NotAllowed
            | Self::ContactRevoked
            | Self::ContactDeleted => 410,
        }
    }

    fn heading(self, locale: Locale) -> Text {
        match self {
            Self::Unknown => locale.text("view-link-invalid"),
            Self::Used => locale.text("view-link-used"),
            Self::LinkExpired => locale.text("view-link-expired"),
            Self::Ended | Self::NotAllowed | Self::ContactRevoked | Self::ContactDeleted => {
                locale.text("view-ended")
            }
        }
    }

    fn explanation(self, locale: Locale) -> Text {
        match self {
            Self::Unknown => locale.text("view-link-invalid-text"),
            Self::Used => locale.text("view-link-used-text"),
            Self::LinkExpired => locale.text("view-link-expired-text"),
            Self::Ended => locale.text("view-ended-text"),
            Self::NotAllowed => locale.text("view-not-allowed-text"),
            Self::ContactRevoked => locale.text("view-revoked-text"),
            Self::ContactDeleted => locale.text("view-deleted-text"),
        }
    }
}

/// Why there is nothing to view, and the way to the dashboard.
pub(crate) fn refuse(visit: &Visit<'_>, site: &SignInSite, refusal: ViewRefusal) -> Result<Reply> {
    let locale = site.locale;
    let view = OutcomeView {
        layout: site.layout(),
        heading: refusal.heading(locale),
        words: refusal.explanation(locale).to_string(),
        next: locale.text("view-to-dashboard"),
        next_href: &visit.services().settings.addresses.dashboard(&site.account.slug),
    };
    Reply::view(refusal.status(), &view, &view.layout)
}
