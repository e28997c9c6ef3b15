//! A portal's own pages: home, menu items in frames, sign-out; and the shell of all pages of signed-in contacts.

pub(crate) mod home;
mod icons;
pub(crate) mod menu;
pub(crate) mod reader;
pub(crate) mod shell;

use poem::{get, handler};

use super::routes::Routes;
use super::{Form, PageSession, Reply, SignInSite, Visit};
use crate::accounts::model::section::PortalSection;
use crate::base::error::Result;
use crate::pages::moved::remove_session_cookies;

pub(crate) fn routes(routes: Routes) -> Routes {
    read_routes(routes).at("/sign-out", get(after_sign_out).post(sign_out))
}

/// Those that a team member can view.
pub(crate) fn read_routes(routes: Routes) -> Routes {
    routes.at("/", get(home::show)).at("/menu/:item", get(menu::show))
}

/// `GET` of the form's path, as by a reload: redirects to the first page.
#[handler]
pub(crate) async fn after_sign_out(site: SignInSite) -> Reply {
    Reply::see_other(site.landing(PortalSection::Home))
}

/// Signs out of a portal or a dashboard.
#[handler]
pub(crate) async fn sign_out(visit: Visit<'_>, site: SignInSite, _form: Form) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    if let Some(user) = PageSession::find(&mut conn, &visit, &site).await? {
        user.sign_out(&mut conn, &visit).await?;
    }
    let login = Reply::see_other(site.path("login"));
    Ok(remove_session_cookies(login, &site, &visit))
}
