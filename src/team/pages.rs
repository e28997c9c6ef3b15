//! The page of a staff sign-in link.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::Account;
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::magic_links::pages::name_and_address;
use crate::pages::routes::Routes;
use crate::pages::{CurrentUser, Form, Layout, PageSession, Reply, SignInSite, Visit};
use crate::sign_in::challenge::pages::confirm::after_link;
use crate::sign_in::link;
use crate::sign_in::open_session::SessionRecipient;
use crate::team::model::TeamMember;
use crate::team::model::staff_link::StaffLink;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/dashboard/link/:token", get(show).post(redeem_link))
}

/// A staff sign-in link's landing page: one button.
#[derive(Debug, Template)]
#[template(path = "pages/staff_link.html")]
pub(crate) struct StaffLinkView<'a> {
    pub layout: Layout<'a>,
    /// The account whose dashboard opens.
    pub account_name: &'a str,
    /// The team member's name, or their masked address.
    pub member_name: &'a str,
    /// Their masked address.
    pub masked_email: &'a str,
    /// The path the button posts to: this page's own. Fields: `form_token`, and `switch=yes` with `switch_from`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Another team member of the account who is signed in here.
    pub switch_from: Option<CurrentUser<'a>>,
}

impl StaffLinkView<'_> {
    fn name_and_address(&self) -> String {
        let name = (self.member_name != self.masked_email).then_some(self.member_name);
        name_and_address(&self.layout, name, self.masked_email)
    }
}

/// Why a staff link doesn't open the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StaffRefusal {
    Invalid,
    Expired,
    Used,
}

impl StaffRefusal {
    fn heading(self, locale: &Locale) -> Text {
        match self {
            Self::Invalid => locale.text("staff-link-invalid"),
            Self::Expired => locale.text("staff-link-expired"),
            Self::Used => locale.text("staff-link-used"),
        }
    }

    fn explanation(self, locale: &Locale) -> Text {
        match self {
            Self::Invalid => locale.text("staff-link-invalid-text"),
            Self::Expired => locale.text("staff-link-expired-text"),
            Self::Used => locale.text("staff-link-used-text"),
        }
    }
}

/// A staff link that doesn't open the dashboard, and where to sign in instead.
#[derive(Debug, Template)]
#[template(path = "pages/staff_refused.html")]
pub(crate) struct StaffRefusedView<'a> {
    /// The account's if the link is known, else [`Layout::SERVER`].
    pub layout: Layout<'a>,
    pub refusal: StaffRefusal,
    /// The account's dashboard, or `/dashboard`.
    pub sign_in_href: &'a str,
}

/// A staff link, its member, and the dashboard that it opens.
struct FoundLink {
    secret: PlainSecret,
    link: StaffLink,
    member: TeamMember,
    site: SignInSite,
}

impl FoundLink {
    async fn find(conn: &mut Conn, visit: &Visit<'_>, token: &str) -> Result<Option<Self>> {
        let Some(secret) = PlainSecret::parse(SecretKind::StaffLink, token) else {
            return Ok(None);
        };
        let Some(link) = StaffLink::by_secret(conn, &secret).await? else {
            return Ok(None);
        };
        let Some(member) = TeamMember::find(conn, secret.account, link.team_member_id).await? else {
            return Ok(None);
        };
        let account = Account::find(conn, secret.account).await?;
        let base = format!("/dashboard/{}", account.slug);
        Ok(Some(Self {
            secret,
            link,
            member,
            site: SignInSite::new(account, Audience::Dashboard, base, visit),
        }))
    }

    /// Whether the signed-in user is another team member.
    fn is_for_other_than(&self, user: &PageSession) -> bool {
        user.person.id() != self.member.id.0
    }
}

#[handler]
async fn show(visit: Visit<'_>, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let found = FoundLink::find(&mut conn, &visit, &token).await?;
    let Some(found) = found.as_ref().filter(|found| found.link.live(visit.now())) else {
        return refuse(&visit, found.as_ref());
    };
    let user = PageSession::find(&mut conn, &visit, &found.site).await?;
    confirm(&visit, found, user.as_ref())
}

fn confirm(visit: &Visit<'_>, found: &FoundLink, user: Option<&PageSession>) -> Result<Reply> {
    let action = visit.path();
    let name = user
        .filter(|user| found.is_for_other_than(user))
        .map(PageSession::name);
    let masked_email = mask::address(&found.member.email);
    let view = StaffLinkView {
        layout: found.site.layout(),
        account_name: &found.site.account.name,
        member_name: found.member.name.as_deref().unwrap_or(&masked_email),
        masked_email: &masked_email,
        action: &action,
        form_token: &visit.form_token(&action),
        switch_from: name.as_deref().map(|name| CurrentUser {
            name,
            href: &found.site.base,
        }),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
async fn redeem_link(visit: Visit<'_>, form: Form, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(found) = FoundLink::find(&mut conn, &visit, &token).await? else {
        return refuse(&visit, None);
    };
    let user = PageSession::find(&mut conn, &visit, &found.site).await?;
    let other = user.as_ref().filter(|user| found.is_for_other_than(user));
    if other.is_some() && form.get("switch") != "yes" {
        return confirm(&visit, &found, other);
    }
    let (keys, moment) = (&visit.sign_in().keys, visit.moment());
    let recipient = SessionRecipient {
        transport: visit.transport(),
        client: &visit.client,
    };
    let opened = conn
        .transaction(async |conn| link::complete_staff(conn, keys, &found.secret, recipient, &moment).await)
        .await?;
    let Some(opened) = opened else {
        return refuse(&visit, Some(&found));
    };
    visit.live().nudge_sign_in(found.secret.account, Some(&opened));
    if let Some(user) = user {
        user.sign_out(&mut conn, &visit).await?;
    }
    after_link(&mut conn, &visit, &found.site, &opened).await
}

fn refuse(visit: &Visit<'_>, found: Option<&FoundLink>) -> Result<Reply> {
    let refusal = match found {
        None => StaffRefusal::Invalid,
        Some(found) if found.link.used_at.is_some() => StaffRefusal::Used,
        Some(found) if found.link.expires_at <= visit.now() => StaffRefusal::Expired,
        Some(_) => StaffRefusal::Used,
    };
    let view = StaffRefusedView {
        layout: found.map_or(visit.server_layout(), |found| found.site.layout()),
        refusal,
        sign_in_href: found.map_or("/dashboard", |found| &found.site.base),
    };
    let status = if refusal == StaffRefusal::Invalid {
        404
    } else {
        410
    };
    Reply::view(status, &view, &view.layout)
}
