//! "This wasn't me": `GET` shows what the button does, and only its `POST` does it, because mail scanners open URLs.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::base::actor::Audience;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::ReportedEmail;
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, Reply, SignInSite, Visit};
use crate::sign_in::not_me::model::ReportableEmail;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/not-me/:token", get(show).post(report))
}

impl ReportedEmail {
    fn heading(self, locale: &Locale) -> Text {
        match self {
            Self::SignIn => locale.text("not-me-sign-in"),
            Self::Reset => locale.text("not-me-reset"),
            Self::NewDevice => locale.text("not-me-new-device"),
            Self::PasswordChanged => locale.text("not-me-password"),
        }
    }

    /// What the button does.
    fn effects(self, locale: &Locale) -> Vec<Text> {
        match self {
            Self::SignIn => vec![locale.text("not-me-link-and-code"), locale.text("not-me-devices")],
            Self::Reset => vec![locale.text("not-me-reset-link")],
            Self::NewDevice => vec![locale.text("not-me-device"), locale.text("not-me-method")],
            Self::PasswordChanged => {
                vec![
                    locale.text("not-me-all-devices"),
                    locale.text("not-me-new-password"),
                ]
            }
        }
    }
}

/// `GET /not-me/{token}`: what the button does. After its `POST`: that it is done.
#[derive(Debug, Template)]
#[template(path = "pages/not_me.html")]
pub(crate) struct NotMeView<'a> {
    pub layout: Layout<'a>,
    pub reported: ReportedEmail,
    /// The masked recipient.
    pub masked_email: &'a str,
    /// Whether the email was reported, now or before.
    pub done: bool,
    /// The path the button posts to: this page's own. Field: `form_token`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Where to sign in again.
    pub login_href: &'a str,
}

/// The token is not of an email of this portal, or the email is too old.
#[derive(Debug, Template)]
#[template(path = "pages/not_me_unknown.html")]
pub(crate) struct NotMeUnknownView<'a> {
    pub layout: Layout<'a>,
    pub login_href: &'a str,
}

#[handler]
async fn show(visit: Visit<'_>, site: SignInSite, Path(token): Path<String>) -> Result<Reply> {
    match reportable(&visit, &site, &token).await? {
        Some((_, email)) => page(&visit, &site, &email, email.reported_at.is_some()),
        None => unknown(&site),
    }
}

#[handler]
async fn report(visit: Visit<'_>, site: SignInSite, Path(token): Path<String>, _form: Form) -> Result<Reply> {
    let Some((secret, email)) = reportable(&visit, &site, &token).await? else {
        return unknown(&site);
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let report = conn
        .transaction(async |conn| email.report(conn, &visit.client, &moment).await)
        .await?;
    visit.live().nudge_report(secret.account, &report);
    page(&visit, &site, &email, true)
}

/// The email that a token identifies, if this account sent it to a user of this site.
async fn reportable(
    visit: &Visit<'_>,
    site: &SignInSite,
    token: &str,
) -> Result<Option<(PlainSecret, ReportableEmail)>> {
    let secret = PlainSecret::parse(SecretKind::NotMe, token);
    let Some(secret) = secret.filter(|secret| secret.account == site.account.id) else {
        return Ok(None);
    };
    let key = &visit.sign_in().keys.not_me;
    let mut conn = visit.conn().await?;
    let email = ReportableEmail::find(&mut conn, &secret, key, visit.now()).await?;
    Ok(email
        .filter(|email| email.audience() == site.audience)
        .map(|email| (secret, email)))
}

fn page(visit: &Visit<'_>, site: &SignInSite, email: &ReportableEmail, done: bool) -> Result<Reply> {
    let action = visit.path();
    let view = NotMeView {
        layout: site.layout(),
        reported: email.reported,
        masked_email: &mask::address(&email.message.address),
        done,
        action: &action,
        form_token: &visit.form_token(&action),
        login_href: &sign_in_href(site),
    };
    Reply::view(200, &view, &view.layout)
}

/// A dashboard's own address leads to its sign-in page.
fn sign_in_href(site: &SignInSite) -> String {
    match site.audience {
        Audience::Portal => site.path("login"),
        Audience::Dashboard => site.base.clone(),
    }
}

fn unknown(site: &SignInSite) -> Result<Reply> {
    let view = NotMeUnknownView {
        layout: site.layout(),
        login_href: &sign_in_href(site),
    };
    Reply::view(404, &view, &view.layout)
}
