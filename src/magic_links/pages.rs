//! A magic link in the browser: `GET` and `HEAD` show a page with one button, and only its `POST` redeems, because mail
//! scanners, previews and prefetchers open URLs.

pub(crate) mod refused;

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::address::EmailAddress;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::magic_links::model::redeem::{self, LinkRefusal, LinkWithContact, RedeemRequest, RefusedLink};
use crate::magic_links::model::{MagicLink, Purpose};
use crate::pages::routes::Routes;
use crate::pages::{
    CurrentUser, ErrorKind, Form, Layout, OutcomeView, PageSession, Reply, SignInSite, Visit,
};
use crate::sign_in::challenge::pages::confirm::after_link;
use crate::sign_in::link;
use crate::sign_in::open_session::{SessionRecipient, SignedIn};
use crate::sign_in::pages::login::{EmailRequest, request_email, signed_in_home};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/link/:token", get(show).post(redeem_link))
        .at("/link/:token/fresh", get(redirect_to_link).post(send_new_link))
}

/// `GET /link/{token}`: what the link would do, and the one button that does it.
#[derive(Debug, Template)]
#[template(path = "pages/link_confirm.html")]
pub(crate) struct LinkConfirmView<'a> {
    pub layout: Layout<'a>,
    /// The contact's name, if known.
    pub contact_name: Option<&'a str>,
    /// The contact's masked address.
    pub masked_email: &'a str,
    /// The section that opens.
    pub section: PortalSection,
    /// The session opens this section only.
    pub limited: bool,
    /// The link belongs to an invitation, so the page welcomes the contact.
    pub invitation: bool,
    /// The path the button posts to: this page's own. Fields: `form_token`, and `switch=yes` with `switch_from`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Another contact who is signed in here: the page names both and asks before it switches.
    pub switch_from: Option<CurrentUser<'a>>,
}

impl LinkConfirmView<'_> {
    fn display_name(&self) -> &str {
        self.contact_name.unwrap_or(self.masked_email)
    }

    fn name_and_address(&self) -> String {
        name_and_address(&self.layout, self.contact_name, self.masked_email)
    }
}

/// Whom a link signs in: the name, if known, and the masked address.
pub(crate) fn name_and_address(layout: &Layout<'_>, name: Option<&str>, masked_email: &str) -> String {
    match name {
        Some(name) => {
            let text = layout.text("link-name-and-address").arg("name", name);
            text.arg("email", masked_email).to_string()
        }
        None => masked_email.to_owned(),
    }
}

/// The link with this secret, if it belongs to this portal.
async fn find_link(
    conn: &mut Conn,
    site: &SignInSite,
    token: &str,
) -> Result<Option<(PlainSecret, LinkWithContact)>> {
    let secret = PlainSecret::parse(SecretKind::MagicLink, token);
    let Some(secret) = secret.filter(|secret| secret.account == site.account.id) else {
        return Ok(None);
    };
    let found = LinkWithContact::find(conn, &secret).await?;
    Ok(found.map(|found| (secret, found)))
}

#[handler]
async fn show(visit: Visit<'_>, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let page = LinkPage {
        visit: &visit,
        site: &site,
        token: &token,
    };
    let Some((_, found)) = find_link(&mut conn, &site, &token).await? else {
        return page.refuse(LinkRefusal::Invalid, None);
    };
    if visit.probably_scanned() {
        record_scan(&mut conn, &visit, &found.link).await;
    }
    let request = RedeemRequest::new(visit.transport(), &visit.client);
    if let Some(refusal) = redeem::check(&mut conn, &found, &request, visit.now()).await? {
        return page.refuse(refusal, Some(&found));
    }
    let user = PageSession::find(&mut conn, &visit, &site).await?;
    page.confirm(&found, other_user(&found, user.as_ref()))
}

/// Records the visit of a scanner, which gets the page whether or not that works.
async fn record_scan(conn: &mut Conn, visit: &Visit<'_>, link: &MagicLink) {
    let moment = visit.moment();
    let recorded = conn
        .transaction(async |conn| -> Result<()> {
            if link.mark_scanned(conn, &moment).await? {
                link.record_scan(conn, &visit.client, &moment).await?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = recorded {
        error.report();
    }
}

/// Another contact who is signed in to the same portal in this browser.
fn other_user<'a>(found: &LinkWithContact, user: Option<&'a PageSession>) -> Option<&'a PageSession> {
    user.filter(|user| user.person.id() != found.contact.id.0)
}

/// Redeems the link. It takes one connection from the pool for all steps, so that a burst of requests can't deadlock on the
/// pool.
#[handler]
async fn redeem_link(visit: Visit<'_>, form: Form, Path(token): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let page = LinkPage {
        visit: &visit,
        site: &site,
        token: &token,
    };
    let Some((secret, found)) = find_link(&mut conn, &site, &token).await? else {
        return page.refuse(LinkRefusal::Invalid, None);
    };
    let user = PageSession::find(&mut conn, &visit, &site).await?;
    let other = other_user(&found, user.as_ref());
    if other.is_some() && form.get("switch") != "yes" {
        return page.confirm(&found, other);
    }
    let opened = match complete(&mut conn, &visit, &secret).await? {
        Ok(opened) => opened,
        Err(refused) => return page.refuse(refused.refusal, refused.link.as_deref()),
    };
    if let Some(other) = other {
        other.sign_out(&mut conn, &visit).await?;
    }
    after_link(&mut conn, &visit, &site, &opened).await
}

async fn complete(
    conn: &mut Conn,
    visit: &Visit<'_>,
    secret: &PlainSecret,
) -> Result<std::result::Result<SignedIn, RefusedLink>> {
    let (keys, moment) = (&visit.sign_in().keys, visit.moment());
    let recipient = SessionRecipient {
        transport: visit.transport(),
        client: &visit.client,
    };
    let redeemed = conn
        .transaction(async |conn| link::complete(conn, keys, secret, recipient, &moment).await)
        .await?;
    visit.live().nudge_sign_in(secret.account, redeemed.as_ref().ok());
    Ok(redeemed)
}

/// Opening or reloading the form's own path shows its page.
#[handler]
async fn redirect_to_link(visit: Visit<'_>) -> Reply {
    let path = visit.path();
    Reply::see_other(path.strip_suffix("/fresh").unwrap_or(&path))
}

/// Emails a new link to the contact's own address, which is never shown in full.
#[handler]
async fn send_new_link(
    visit: Visit<'_>,
    site: SignInSite,
    _form: Form,
    Path(token): Path<String>,
) -> Result<Reply> {
    let page = LinkPage {
        visit: &visit,
        site: &site,
        token: &token,
    };
    let mut conn = visit.conn().await?;
    let found = find_link(&mut conn, &site, &token).await?;
    drop(conn);
    let Some((_, found)) = found else {
        return page.refuse(LinkRefusal::Invalid, None);
    };
    let shown = masked_email(&found);
    let email = found.contact.email.as_deref().map(EmailAddress::parse);
    let pending = match email {
        Some(Ok(email)) => {
            let request = EmailRequest {
                email: &email,
                shown: &shown,
                section: found.link.section,
                by_code: false,
            };
            Some(request_email(&visit, &site, &request).await?)
        }
        _ => None,
    };
    // The waiting page would redirect a signed-in visitor home, but the visitor may be another contact than the link's.
    let reply = match signed_in_home(&visit, &site).await? {
        Some(home) => new_link_sent(&site, &shown, &home)?,
        None => Reply::see_other(site.path("login/wait")),
    };
    match pending {
        Some(pending) => pending.keep(reply, &visit, &site),
        None => Ok(reply),
    }
}

fn new_link_sent(site: &SignInSite, masked_email: &str, home: &str) -> Result<Reply> {
    let locale = site.locale;
    let view = OutcomeView {
        layout: site.layout(),
        heading: locale.text("check-your-email"),
        words: locale
            .text("link-new-sent")
            .arg("email", masked_email)
            .to_string(),
        next: locale.text("continue"),
        next_href: home,
    };
    Reply::view(200, &view, &view.layout)
}

/// The page of one link.
struct LinkPage<'a> {
    visit: &'a Visit<'a>,
    site: &'a SignInSite,
    token: &'a str,
}

impl LinkPage<'_> {
    fn path(&self) -> String {
        self.site.path(&format!("link/{}", self.token))
    }

    fn confirm(&self, found: &LinkWithContact, other: Option<&PageSession>) -> Result<Reply> {
        let action = self.path();
        let home = self.site.landing(PortalSection::Home);
        let name = found.contact.name();
        let other_name = other.map(PageSession::name);
        let link = &found.link;
        let view = LinkConfirmView {
            layout: self.site.layout(),
            contact_name: name.as_deref(),
            masked_email: &masked_email(found),
            section: link.section,
            limited: link.limit_to_section,
            invitation: link.purpose == Purpose::Invitation,
            action: &action,
            form_token: &self.visit.form_token(&action),
            switch_from: other_name
                .as_deref()
                .map(|name| CurrentUser { name, href: &home }),
        };
        Reply::view(200, &view, &view.layout)
    }
}

fn masked_email(found: &LinkWithContact) -> String {
    found
        .contact
        .email
        .as_deref()
        .map(mask::address)
        .unwrap_or_default()
}
