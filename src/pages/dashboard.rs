//! `/dashboard`: choosing an account, and the shell of the dashboard. Its content comes from the public GraphQL API.

use std::collections::BTreeSet;

use askama::Template;
use poem::{get, handler};
use serde::Serialize;

use super::routes::Routes;
use super::{ErrorKind, Form, Layout, PageSession, Reply, SignInSite, Visit, portal, return_path};
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::{Audience, Role};
use crate::base::error::{Error, Result};
use crate::pages::credentials::cookie_name;
use crate::pages::csp::Sources;
use crate::sign_in::person::Person;

/// How many dashboards are listed. The browser can open others by their addresses.
const MAX_LISTED: usize = 10;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/", get(show))
        .at("/:page<^(?:contacts|smart-lists|invitations|courses|communities|offers|affiliates|menu|messages|templates|workflows|emails|compose|links|jobs|import|team|api-keys|audit|settings|developers|components)$>", get(show))
        // The pattern is matched against the rest of the path: `$` here would match no path with an id.
        .at("/:page<^(?:contacts|smart-lists|courses|communities|offers|affiliates|messages|templates|workflows|emails|jobs)>/:id", get(show))
        .at("/items/:id", get(show_framed))
        .at("/sign-out", get(portal::after_sign_out).post(portal::sign_out))
}

/// A dashboard that this browser is signed in to.
#[derive(Clone, Debug)]
pub(crate) struct DashboardRow {
    pub href: String,
    /// The account's name.
    pub account: String,
    /// Who is signed in.
    pub member: String,
}

/// `GET /dashboard` if several dashboards or none are open, and its `POST` of an unknown account.
#[derive(Debug, Template)]
#[template(path = "pages/choose_dashboard.html")]
pub(crate) struct ChooseDashboardView<'a> {
    pub layout: Layout<'a>,
    pub open: &'a [DashboardRow],
    /// Posts `account` to `/dashboard`.
    pub form_token: &'a str,
    /// The submitted text, to correct it. Empty at first.
    pub account: &'a str,
    pub error: Option<&'a str>,
}

/// Every page of the dashboard: the shell. Its script shows the page of the address, and gets everything else from the GraphQL API.
#[derive(Debug, Template)]
#[template(path = "pages/dashboard.html")]
pub(crate) struct DashboardView<'a> {
    /// Named after the account.
    pub layout: Layout<'a>,
    /// [`Boot`] as JSON.
    pub boot: &'a str,
    /// The dashboard itself.
    pub base: &'a str,
    /// The member's own password and sessions.
    pub profile_href: &'a str,
    /// The path that signs out. Field: `form_token`.
    pub sign_out_action: &'a str,
    pub form_token: &'a str,
}

/// What the script can't ask the API for: `web/dashboard/api/boot.ts` describes each field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Boot<'a> {
    account: &'a str,
    account_name: &'a str,
    base: &'a str,
    member_id: String,
    member_name: &'a str,
    role: &'static str,
    portal_url: &'a str,
    keeps_mail: bool,
    outbox_href: Option<&'a str>,
    sign_out: SignOutForm<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignOutForm<'a> {
    action: &'a str,
    form_token: &'a str,
}

/// The submitted form, and its error.
#[derive(Clone, Copy, Default)]
struct AccountForm<'a> {
    account: &'a str,
    error: Option<&'a str>,
}

/// Redirects to the only dashboard that this browser is signed in to, or shows the form.
#[handler]
pub(crate) async fn choose(visit: Visit<'_>) -> Result<Reply> {
    match &open_sessions(&visit).await?[..] {
        [only] => Ok(Reply::see_other(&only.site.base)),
        open => choose_page(&visit, open, AccountForm::default()),
    }
}

fn choose_page(visit: &Visit<'_>, open: &[PageSession], submitted: AccountForm<'_>) -> Result<Reply> {
    let row = |user: &PageSession| DashboardRow {
        href: user.site.base.clone(),
        account: user.site.account.name.clone(),
        member: user.name(),
    };
    let open: Vec<DashboardRow> = open.iter().map(row).collect();
    let view = ChooseDashboardView {
        layout: visit.server_layout(),
        open: &open,
        form_token: &visit.form_token("/dashboard"),
        account: submitted.account,
        error: submitted.error,
    };
    let status = if submitted.error.is_some() { 400 } else { 200 };
    Reply::view(status, &view, &view.layout)
}

#[handler]
pub(crate) async fn choose_submit(visit: Visit<'_>, form: Form) -> Result<Reply> {
    // The address of a dashboard or a portal ends with its account.
    let typed = form.get("account").trim();
    let slug = typed.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let slug = slug.to_lowercase();
    let exists = slug_is_well_formed(&slug) && {
        let mut conn = visit.conn().await?;
        Account::by_slug(&mut conn, &slug).await?.is_some()
    };
    if exists {
        return Ok(Reply::see_other(format!("/dashboard/{slug}")));
    }
    let submitted = AccountForm {
        account: typed,
        error: Some(&visit.server_layout().text("choose-unknown").to_string()),
    };
    choose_page(&visit, &open_sessions(&visit).await?, submitted)
}

/// The dashboards that this browser is signed in to.
pub(super) async fn open_sessions(visit: &Visit<'_>) -> Result<Vec<PageSession>> {
    let prefix = cookie_name(Audience::Dashboard, "", visit.https());
    let slugs: BTreeSet<&str> = visit
        .cookies()
        .filter_map(|(name, _)| name.strip_prefix(prefix.as_str()))
        .filter(|slug| slug_is_well_formed(slug))
        .take(MAX_LISTED)
        .collect();
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = visit.conn().await?;
    let mut open = Vec::new();
    let mut seen = BTreeSet::new();
    for slug in slugs {
        let account = Account::by_slug(&mut conn, slug).await?;
        // A cookie may have the name of a former slug.
        if let Some(account) = account.filter(|account| seen.insert(account.id)) {
            let base = format!("/dashboard/{}", account.slug);
            let site = SignInSite::new(account, Audience::Dashboard, base, visit);
            open.extend(PageSession::find(&mut conn, visit, &site).await?);
        }
    }
    Ok(open)
}

#[handler]
async fn show(visit: Visit<'_>, user: PageSession) -> Result<Reply> {
    shell(&visit, &user, &Sources::default())
}

/// A menu item of the account that opens in a frame.
#[handler]
async fn show_framed(visit: Visit<'_>, user: PageSession) -> Result<Reply> {
    let hosts = user.site.account.frame_hosts.iter();
    let origins = hosts.map(|host| format!("https://{host}"));
    shell(&visit, &user, &Sources::default().with_frames(origins))
}

fn shell(visit: &Visit<'_>, user: &PageSession, sources: &Sources) -> Result<Reply> {
    let Person::Member(member) = &user.person else {
        return Ok(visit.error(ErrorKind::Forbidden));
    };
    let site = &user.site;
    if let Some(reply) = return_path::take(site, visit) {
        return Ok(reply);
    }
    let (sign_out, outbox) = (site.path("sign-out"), site.path("outbox"));
    let form_token = visit.form_token(&sign_out);
    let boot = Boot {
        account: &site.account.slug,
        account_name: &site.account.name,
        base: &site.base,
        member_id: member.id.to_string(),
        member_name: &user.name(),
        role: member.role.as_str(),
        portal_url: &visit.services().settings.addresses.portal(&site.account.slug),
        keeps_mail: visit.site.keeps_mail,
        outbox_href: (visit.site.outbox.is_some() && member.role == Role::Owner).then_some(&outbox),
        sign_out: SignOutForm {
            action: &sign_out,
            form_token: &form_token,
        },
    };
    let view = DashboardView {
        layout: site.layout(),
        boot: &serde_json::to_string(&boot).map_err(Error::internal)?,
        base: &site.base,
        profile_href: &site.path("profile"),
        sign_out_action: &sign_out,
        form_token: &form_token,
    };
    Reply::view_with(200, &view, &view.layout, sources)
}
