//! `/dashboard`: whose it is, and the shell of its page. What it shows comes from the public GraphQL API.

use poem::http::Method;

use super::{Reply, Site, Visit};
use crate::auth::viewer::{Role, Scope};
use crate::error::Result;
use crate::http::views::{Accent, DashboardView, ErrorKind, Layout, StaffRefusal, StaffRefusedView};

impl Site {
    pub(super) async fn dashboard(&self, mut visit: Visit) -> Result<Reply> {
        let parts: Vec<String> = std::mem::take(&mut visit.parts);
        let parts: Vec<&str> = parts.iter().skip(1).map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (&Method::GET, []) => Ok(self.own_dashboard(&visit)),
            (&Method::GET, ["link", token]) => self.show_staff_link(&visit, token).await,
            (&Method::POST, ["link", token]) => self.press_staff_link(visit, token).await,
            (&Method::GET, [slug]) => self.dashboard_page(&visit, slug).await,
            (&Method::POST, [slug, "sign-out"]) => self.dashboard_sign_out(visit, slug).await,
            (&Method::GET | &Method::POST, [slug, "not-me", token]) => {
                self.staff_not_me(visit, slug, token).await
            }
            (&Method::GET, [slug, "outbox"]) => self.outbox_list(&visit, slug).await,
            (&Method::GET, [slug, "outbox", key]) => self.outbox_mail(&visit, slug, key).await,
            (_, [slug, "login" | "forgot" | "reset", ..]) => {
                let Some(door) = self.dashboard_doorstep(slug).await? else {
                    return Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound));
                };
                let rest: Vec<String> = parts[1..].iter().map(|part| (*part).to_owned()).collect();
                self.at_the_door(&door, visit, &rest).await
            }
            (_, [slug, "profile" | "step-up", ..]) => {
                Box::pin(self.dashboard_profile(slug, visit, &parts[1..])).await
            }
            _ => Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound)),
        }
    }

    /// Leads to the dashboard that this browser is signed in to.
    fn own_dashboard(&self, visit: &Visit) -> Reply {
        let https = self.services.settings.addresses.https();
        let prefix =
            crate::http::credentials::cookie_name(crate::http::credentials::Audience::Dashboard, "", https);
        let cookies = visit.request.headers().get_all(poem::http::header::COOKIE).iter();
        let slug = cookies
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('=')?.0.strip_prefix(prefix.as_str()))
            .find(|slug| crate::models::account::slug_is_well_formed(slug));
        match slug {
            Some(slug) => Reply::see_other(format!("/dashboard/{slug}")),
            None => signed_out(None).unwrap_or_else(|_| Reply::error(&Layout::SERVER, ErrorKind::NotFound)),
        }
    }

    async fn dashboard_page(&self, visit: &Visit, slug: &str) -> Result<Reply> {
        let Some(keeper) = self.keeper(visit, slug).await? else {
            return signed_out(Some(slug));
        };
        self.door.note_cookie(&keeper.session, self.services.clock.now());
        let home = format!("/dashboard/{slug}");
        let accent = keeper.account.accent_color.parse().unwrap_or(Accent::DEFAULT);
        let sign_out = format!("{home}/sign-out");
        let outbox = format!("{home}/outbox");
        let role = keeper.member.role;
        let view = DashboardView {
            layout: Layout::portal(&keeper.account.name, &home, accent),
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

/// Who is not signed in learns nothing about which accounts there are.
pub(super) fn signed_out(slug: Option<&str>) -> Result<Reply> {
    let slug = slug.filter(|slug| crate::models::account::slug_is_well_formed(slug));
    let view = StaffRefusedView {
        layout: Layout::SERVER,
        refusal: StaffRefusal::SignedOut,
        account_slug: slug,
    };
    Reply::view(401, &view, &view.layout)
}
