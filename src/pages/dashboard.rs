//! `/dashboard`: whose it is, and the shell of its page. What it shows comes from the public GraphQL API.

use std::collections::BTreeSet;

use poem::http::{Method, header};

use super::forms::session_secret;
use super::{Reply, Site, Visit};
use crate::accounts::model::slug_is_well_formed;
use crate::base::actor::{Role, Scope};
use crate::base::error::Result;
use crate::pages::credentials::{Audience, cookie_name};
use crate::pages::views::{ChooseDashboardView, DashboardRow, DashboardView, ErrorKind, Layout};
use crate::sign_in::pages::Doorstep;

/// How many of a browser's cookies are looked at: more dashboards than this are opened by their addresses.
const LISTED: usize = 10;

/// What was typed for an account, and what is wrong with it.
#[derive(Clone, Copy, Default)]
struct Filled<'a> {
    account: &'a str,
    error: Option<&'a str>,
}

impl Site {
    pub(crate) async fn dashboard(&self, mut visit: Visit) -> Result<Reply> {
        let parts: Vec<String> = std::mem::take(&mut visit.parts);
        let parts: Vec<&str> = parts.iter().skip(1).map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (&Method::GET, []) => self.choose_dashboard(&visit).await,
            (&Method::POST, []) => self.dashboard_chosen(visit).await,
            (&Method::GET, ["link", token]) => self.show_staff_link(&visit, token).await,
            (&Method::POST, ["link", token]) => self.press_staff_link(visit, token).await,
            (_, [slug, rest @ ..]) => match self.dashboard_doorstep(slug).await? {
                Some(door) => self.dashboard_of(&door, visit, rest).await,
                None => Ok(visit.error(ErrorKind::NotFound)),
            },
            _ => Ok(visit.error(ErrorKind::NotFound)),
        }
    }

    async fn dashboard_of(&self, door: &Doorstep, mut visit: Visit, parts: &[&str]) -> Result<Reply> {
        let slug = &door.slug[..];
        visit.branding = (door.account.as_ref()).map(|account| {
            self.brandings
                .keep(crate::base::actor::Audience::Dashboard, account, &door.base)
        });
        match (&visit.method, parts) {
            (&Method::GET, []) => self.dashboard_page(&visit, slug).await,
            (&Method::POST, []) => Ok(visit.error(ErrorKind::BadRequest(Some(
                "This form needs JavaScript, so nothing was sent. Turn JavaScript on, or use the API.",
            )))),
            (&Method::POST, ["sign-out"]) => self.dashboard_sign_out(visit, slug).await,
            (&Method::GET, ["sign-out"]) => Ok(Reply::see_other(&door.base)),
            (&Method::GET | &Method::POST, ["not-me", token]) => self.staff_not_me(visit, slug, token).await,
            (&Method::GET, ["outbox"]) => self.outbox_list(&visit, slug).await,
            (&Method::GET, ["outbox", key]) => self.outbox_mail(&visit, slug, key).await,
            (_, ["login" | "forgot" | "reset", ..]) => {
                let rest: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                self.at_the_door(door, visit, &rest).await
            }
            (_, ["profile" | "step-up", ..]) => Box::pin(self.dashboard_profile(slug, visit, parts)).await,
            _ => Ok(visit.error(ErrorKind::NotFound)),
        }
    }

    /// Leads to the dashboard that this browser is signed in to, or asks which one.
    async fn choose_dashboard(&self, visit: &Visit) -> Result<Reply> {
        match &self.open_dashboards(visit).await?[..] {
            [only] => Ok(Reply::see_other(&only.href)),
            several => self.choose_page(visit, several, Filled::default()),
        }
    }

    fn choose_page(&self, visit: &Visit, open: &[DashboardRow], filled: Filled<'_>) -> Result<Reply> {
        let view = ChooseDashboardView {
            layout: Layout::SERVER,
            open,
            form_token: &self.form_token(visit, "/dashboard"),
            account: filled.account,
            error: filled.error,
        };
        let status = if filled.error.is_some() { 400 } else { 200 };
        Reply::view(status, &view, &view.layout)
    }

    async fn dashboard_chosen(&self, mut visit: Visit) -> Result<Reply> {
        let form = match visit.form(self.form_key(), "/dashboard", "/dashboard").await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        // The address of a dashboard or a portal ends with its account.
        let typed = form.get("account").trim();
        let slug = typed.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match self.dashboard_doorstep(&slug.to_lowercase()).await? {
            Some(door) => Ok(Reply::see_other(door.base)),
            None => {
                let open = self.open_dashboards(&visit).await?;
                let filled = Filled {
                    account: typed,
                    error: Some("No account with this name was found. Check the spelling."),
                };
                self.choose_page(&visit, &open, filled)
            }
        }
    }

    /// The dashboards that this browser is signed in to.
    async fn open_dashboards(&self, visit: &Visit) -> Result<Vec<DashboardRow>> {
        let prefix = cookie_name(Audience::Dashboard, "", self.services.settings.addresses.https());
        let cookies = visit.request.headers().get_all(header::COOKIE).iter();
        let slugs: BTreeSet<&str> = cookies
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('=')?.0.strip_prefix(prefix.as_str()))
            .filter(|slug| slug_is_well_formed(slug))
            .take(LISTED)
            .collect();
        let mut open = Vec::new();
        for slug in slugs {
            if let Some(keeper) = self.keeper(visit, slug).await? {
                open.push(DashboardRow {
                    href: format!("/dashboard/{slug}"),
                    account: keeper.account.name,
                    member: keeper.member.name.unwrap_or(keeper.member.email),
                });
            }
        }
        Ok(open)
    }

    /// To the sign-in page of an account, which says so where a session has ended.
    pub(crate) fn to_dashboard_login(&self, visit: &Visit, slug: &str) -> Reply {
        let https = self.services.settings.addresses.https();
        let ended = session_secret(&visit.request, Audience::Dashboard, slug, https).is_some();
        let query = if ended { "?ended" } else { "" };
        Reply::see_other(format!("/dashboard/{slug}/login{query}"))
    }

    async fn dashboard_page(&self, visit: &Visit, slug: &str) -> Result<Reply> {
        let Some(keeper) = self.keeper(visit, slug).await? else {
            return Ok(self.to_dashboard_login(visit, slug));
        };
        self.authenticator
            .note_cookie(&keeper.session, self.services.clock.now());
        let home = format!("/dashboard/{slug}");
        let sign_out = format!("{home}/sign-out");
        let outbox = format!("{home}/outbox");
        let role = keeper.member.role;
        let view = DashboardView {
            layout: Layout::portal(&keeper.account.name, &home, keeper.account.accent()),
            account_slug: slug,
            member_name: keeper.name(),
            role: role_words(role),
            may_invite: role.may(Scope::Invite),
            may_make_links: role.may(Scope::Links),
            portal_url: &self.services.settings.addresses.portal(slug),
            playground_href: &format!("/graphiql?account={slug}"),
            keeps_mail: self.keeps_mail,
            outbox_href: (self.outbox.is_some() && role == Role::Owner).then_some(&outbox),
            profile_href: &format!("{home}/profile"),
            sign_out_action: &sign_out,
            form_token: &visit
                .visitor
                .form_token(&self.services.sign_in.keys.form, &sign_out),
        };
        Reply::view(200, &view, &view.layout)
    }
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Staff => "Staff",
        Role::ReadOnly => "Read only",
    }
}
