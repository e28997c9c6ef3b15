//! The staff sign-in link in the browser, and signing out of the dashboard.

pub mod views;

use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::base::error::Result;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::credentials::{Audience, cookie_name};
use crate::pages::forms::session_secret;
use crate::pages::views::{Layout, SignedIn, StaffLinkView, StaffRefusal, StaffRefusedView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::link;
use crate::sign_in::open_session::{Browser, SessionTransport};
use crate::sign_in::sessions::model::Session;
use crate::team::model::TeamMember;
use crate::team::model::staff_link::StaffLink;

/// A staff link and what it opens.
struct Found {
    secret: PlainSecret,
    link: StaffLink,
    member: TeamMember,
    account: Account,
}

/// Who is signed in to an account's dashboard in this browser.
pub(crate) struct Keeper {
    pub account: Account,
    pub member: TeamMember,
    pub session: Session,
}

impl Keeper {
    pub fn viewer(&self) -> Viewer {
        Viewer::Member {
            account: self.account.id,
            member: self.member.id,
            session: self.session.id,
            role: self.member.role,
        }
    }

    pub fn name(&self) -> &str {
        self.member.name.as_deref().unwrap_or(&self.member.email)
    }
}

impl Site {
    pub(crate) async fn keeper(&self, visit: &Visit, slug: &str) -> Result<Option<Keeper>> {
        let https = self.services.settings.addresses.https();
        let Some(secret) = session_secret(&visit.request, Audience::Dashboard, slug, https) else {
            return Ok(None);
        };
        let mut conn = self.services.db.conn().await?;
        let Some(account) = Account::by_slug(&mut conn, slug).await? else {
            return Ok(None);
        };
        if account.id != secret.account {
            return Ok(None);
        }
        let now = self.services.clock.now();
        let Some(session) = Session::by_cookie(&mut conn, &secret, now).await? else {
            return Ok(None);
        };
        let Some(member) = session.team_member_id else {
            return Ok(None);
        };
        let member = TeamMember::find(&mut conn, account.id, member).await?;
        Ok(member.map(|member| Keeper {
            account,
            member,
            session,
        }))
    }

    async fn staff_link(&self, token: &str) -> Result<Option<Found>> {
        let Some(secret) = PlainSecret::parse(SecretKind::StaffLink, token) else {
            return Ok(None);
        };
        let mut conn = self.services.db.conn().await?;
        let Some(link) = StaffLink::by_secret(&mut conn, &secret).await? else {
            return Ok(None);
        };
        let Some(member) = TeamMember::find(&mut conn, secret.account, link.team_member_id).await? else {
            return Ok(None);
        };
        let account = Account::find(&mut conn, secret.account).await?;
        Ok(Some(Found {
            secret,
            link,
            member,
            account,
        }))
    }

    pub(crate) async fn show_staff_link(&self, visit: &Visit, token: &str) -> Result<Reply> {
        match self.staff_link(token).await? {
            Some(found) if found.link.live(self.services.clock.now()) => {
                self.confirm_staff(visit, token, &found).await
            }
            found => refuse(&found, self.services.clock.now()),
        }
    }

    async fn confirm_staff(&self, visit: &Visit, token: &str, found: &Found) -> Result<Reply> {
        let action = format!("/dashboard/link/{token}");
        let href = format!("/dashboard/{}", found.account.slug);
        let other = self
            .keeper(visit, &found.account.slug)
            .await?
            .filter(|other| other.member.id != found.member.id);
        let masked_email = mask::address(&found.member.email);
        let view = StaffLinkView {
            layout: Layout::portal(&found.account.name, &href, found.account.accent()),
            account_name: &found.account.name,
            member_name: found.member.name.as_deref().unwrap_or(&masked_email),
            masked_email: &masked_email,
            action: &action,
            form_token: &visit
                .visitor
                .form_token(&self.services.sign_in.keys.form, &action),
            switch_from: other.as_ref().map(|other| SignedIn {
                name: other.name(),
                href: &href,
            }),
        };
        Reply::view(200, &view, &view.layout)
    }

    pub(crate) async fn press_staff_link(&self, mut visit: Visit, token: &str) -> Result<Reply> {
        let action = format!("/dashboard/link/{token}");
        let form = match visit
            .form(&self.services.sign_in.keys.form, &action, &action)
            .await?
        {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let now = self.services.clock.now();
        let Some(found) = self.staff_link(token).await? else {
            return refuse(&None, now);
        };
        let other = self.keeper(&visit, &found.account.slug).await?;
        if other
            .as_ref()
            .is_some_and(|other| other.member.id != found.member.id)
            && form.get("switch") != "yes"
        {
            return self.confirm_staff(&visit, token, &found).await;
        }
        let (keys, moment) = (&self.services.sign_in.keys, self.services.clock.moment());
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let mut conn = self.services.db.conn().await?;
        let signed_in = conn
            .transaction(async |conn| {
                let to = (transport, &visit.client);
                link::complete_staff(conn, keys, &found.secret, to, &moment).await
            })
            .await?;
        let Some(signed_in) = signed_in else {
            return refuse(&Some(found), now);
        };
        self.services
            .live
            .attempted(found.secret.account, Some(&signed_in));
        if let Some(other) = other {
            self.sign_out(&mut conn, &other.session, &visit.client).await?;
        }
        let door = self.dashboard_doorstep(&signed_in.slug).await?;
        match door {
            Some(door) => self.after_redeem(&mut conn, &door, &visit, &signed_in).await,
            None => self.set_session(&signed_in, format!("/dashboard/{}", signed_in.slug)),
        }
    }

    pub(crate) async fn dashboard_sign_out(&self, mut visit: Visit, slug: &str) -> Result<Reply> {
        let action = format!("/dashboard/{slug}/sign-out");
        let back = format!("/dashboard/{slug}");
        if let Err(reply) = visit
            .form(&self.services.sign_in.keys.form, &action, &back)
            .await?
        {
            return Ok(reply);
        }
        if let Some(keeper) = self.keeper(&visit, slug).await? {
            let mut conn = self.services.db.conn().await?;
            self.sign_out(&mut conn, &keeper.session, &visit.client).await?;
        }
        let https = self.services.settings.addresses.https();
        let name = cookie_name(Audience::Dashboard, slug, https);
        Ok(Reply::see_other(format!("{back}/login")).cookie(&name, "", 0, https))
    }
}

fn refuse(found: &Option<Found>, now: chrono::DateTime<chrono::Utc>) -> Result<Reply> {
    let refusal = match found {
        None => StaffRefusal::Invalid,
        Some(found) if found.link.used_at.is_some() => StaffRefusal::Used,
        Some(found) if found.link.expires_at <= now => StaffRefusal::Expired,
        Some(_) => StaffRefusal::Used,
    };
    let home = found.as_ref().map_or_else(
        || "/dashboard".to_owned(),
        |found| format!("/dashboard/{}", found.account.slug),
    );
    let layout = found.as_ref().map_or(Layout::SERVER, |found| {
        Layout::portal(&found.account.name, &home, found.account.accent())
    });
    let view = StaffRefusedView {
        layout,
        refusal,
        sign_in_href: &home,
    };
    let status = if refusal == StaffRefusal::Invalid {
        404
    } else {
        410
    };
    Reply::view(status, &view, &view.layout)
}
