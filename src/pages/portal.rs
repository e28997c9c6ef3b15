//! A portal's own pages: home, sections, sign-out.

use askama::Template;
use poem::web::Path;
use poem::{get, handler};

use super::routes::Routes;
use super::{ErrorKind, Form, Layout, PageSession, Reply, SignInSite, Visit};
use crate::accounts::model::section::PortalSection;
use crate::base::error::Result;
use crate::pages::credentials::cookie_name;
use crate::sign_in::password::model::Password;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/", get(home_page))
        .at(
            "/:section<^(?:courses|communities|affiliates)>",
            get(section_page),
        )
        .at("/sign-out", get(after_sign_out).post(sign_out))
}

/// A signed-in contact's home and sections: `/`, `/courses`, `/communities`, `/affiliates`.
#[derive(Debug, Template)]
#[template(path = "pages/home.html")]
pub(crate) struct HomeView<'a> {
    pub layout: Layout<'a>,
    /// The contact's name, or their whole address: it is their own page.
    pub contact_name: &'a str,
    /// The section that is open.
    pub section: PortalSection,
    /// The sections that this session may open, in the menu's order; [`PortalSection::ALL`] unless its link was limited.
    pub sections: &'a [PortalSection],
    /// The portal's path without a trailing slash, such as `/p/acme`; empty on its own host.
    pub base: &'a str,
    /// The path that signs out. Field: `form_token`.
    pub sign_out_action: &'a str,
    pub form_token: &'a str,
    /// Whether to offer setting a password.
    pub offer_password: bool,
}

impl HomeView<'_> {
    fn href(&self, section: &PortalSection) -> String {
        format!("{}/{}", self.base, section.path())
    }

    fn current(&self, section: &PortalSection) -> bool {
        *section == self.section
    }

    fn limited(&self) -> bool {
        self.sections.len() < PortalSection::ALL.len()
    }
}

#[handler]
async fn home_page(visit: Visit<'_>, user: PageSession) -> Result<Reply> {
    show(visit, &user, PortalSection::Home).await
}

#[handler]
async fn section_page(visit: Visit<'_>, user: PageSession, Path(path): Path<String>) -> Result<Reply> {
    match PortalSection::from_path(&path) {
        Some(section) => show(visit, &user, section).await,
        None => Ok(visit.error(ErrorKind::NotFound)),
    }
}

async fn show(visit: Visit<'_>, user: &PageSession, section: PortalSection) -> Result<Reply> {
    let site = &user.site;
    let limited_to = user.session.section;
    if limited_to.is_some_and(|only| only != section) {
        let step_up = format!("step-up?to={}", section.as_str());
        return Ok(Reply::see_other(site.path(&step_up)));
    }
    let open: Vec<PortalSection> = match limited_to {
        Some(only) => vec![only],
        None => PortalSection::ALL.to_vec(),
    };
    let action = site.path("sign-out");
    let view = HomeView {
        layout: site.layout(),
        contact_name: &user.name(),
        section,
        sections: &open,
        base: &site.base,
        sign_out_action: &action,
        form_token: &visit.form_token(&action),
        offer_password: section == PortalSection::Home && may_set_password(visit, user).await?,
    };
    Reply::view(200, &view, &view.layout)
}

/// Whether to offer a password: the contact has none, the account allows them, and the session may set one now.
async fn may_set_password(visit: Visit<'_>, user: &PageSession) -> Result<bool> {
    let has_proof = user.session.has_fresh_proof(&user.person, visit.now());
    if !user.site.account.password_allowed || !has_proof {
        return Ok(false);
    }
    let mut conn = visit.conn().await?;
    Ok(Password::of(&mut conn, &user.person).await?.is_none())
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
    let name = cookie_name(site.audience, &site.account.slug, visit.https());
    Ok(Reply::see_other(site.path("login")).cookie(&name, "", 0, visit.https()))
}
