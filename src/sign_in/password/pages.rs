//! Resetting a password by email: the request, and the page that the email's link opens. `GET` changes nothing, and a reset
//! does not sign in (OWASP Forgot Password).

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::base::address::EmailAddress;
use crate::base::error::{Code, Result};
use crate::base::locale::text::Text;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, OutcomeView, Reply, SignInOptions, SignInSite, Visit};
use crate::sign_in::attempt;
use crate::sign_in::pages::login::parse_email;
use crate::sign_in::pages::refusal::{reason_text, refusal_text};
use crate::sign_in::password::change::PasswordField;
use crate::sign_in::password::model::reset::{PasswordReset, ResetRequest};
use crate::sign_in::password::reset as resetting;
use crate::sign_in::refusal::{Reason, Refusal};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/forgot", get(forgot_form).post(forgot))
        .at("/reset/:token", get(reset_form).post(reset))
}

/// `GET /forgot`, and its `POST` when the address was wrong.
#[derive(Debug, Template)]
#[template(path = "pages/forgot.html")]
pub(crate) struct ForgotView<'a> {
    pub layout: Layout<'a>,
    pub options: SignInOptions<'a>,
    pub form_token: &'a str,
    pub email: &'a str,
    pub error: Option<&'a str>,
}

/// `GET /reset/{token}`, and its `POST` when the password was refused.
#[derive(Debug, Template)]
#[template(path = "pages/reset.html")]
pub(crate) struct ResetView<'a> {
    pub layout: Layout<'a>,
    pub action: &'a str,
    pub form_token: &'a str,
    /// The masked address, for the user and the browser's password manager.
    pub masked_email: &'a str,
    /// The minimum length.
    pub shortest: i16,
    pub error: Option<&'a str>,
}

#[handler]
async fn forgot_form(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    forgot_page(&visit, &site, "", None)
}

fn forgot_page(visit: &Visit<'_>, site: &SignInSite, email: &str, error: Option<&str>) -> Result<Reply> {
    let view = ForgotView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        form_token: &visit.form_token(&site.path("forgot")),
        email,
        error,
    };
    Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
}

#[handler]
async fn forgot(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let email = match parse_email(form.get("email"), site.locale) {
        Ok(email) => email,
        Err(fault) => return forgot_page(&visit, &site, form.get("email"), Some(&fault)),
    };
    request_reset(&visit, &site, &email).await?;
    let words = site.locale.text("forgot-sent").arg("email", &email.text);
    outcome(&site, site.locale.text("check-your-email"), words)
}

async fn request_reset(visit: &Visit<'_>, site: &SignInSite, email: &EmailAddress) -> Result<()> {
    let (key, moment) = (&visit.sign_in().keys.reset, visit.moment());
    let request = ResetRequest {
        account: &site.account,
        audience: site.audience,
        email,
        client: &visit.client,
    };
    let account = site.account.id;
    let mut conn = visit.conn().await?;
    attempt::count_email_request(&mut conn, account, &visit.client, &moment).await?;
    conn.transaction(async |conn| PasswordReset::request(conn, &request, key, &moment).await)
        .await?;
    visit.live().nudge(account, &[Topic::Activity, Topic::Messages]);
    Ok(())
}

fn outcome(site: &SignInSite, heading: Text, words: Text) -> Result<Reply> {
    let view = OutcomeView {
        layout: site.layout(),
        heading,
        words: words.to_string(),
        next: site.locale.text("sign-in"),
        next_href: &site.path("login"),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
async fn reset_form(visit: Visit<'_>, site: SignInSite, Path(token): Path<String>) -> Result<Reply> {
    reset_page(&visit, &site, &token, None).await
}

/// The form if the link is still valid; else the page that says why not.
async fn reset_page(visit: &Visit<'_>, site: &SignInSite, token: &str, error: Option<&str>) -> Result<Reply> {
    let found = match reset_secret(site, token) {
        Some(secret) => {
            let mut conn = visit.conn().await?;
            let found = PasswordReset::by_secret(&mut conn, &secret).await?;
            found.filter(|found| found.audience == site.audience)
        }
        None => None,
    };
    let Some(found) = found else {
        return reset_refused(site, Reason::LinkInvalid);
    };
    if let Some(reason) = found.refusal(visit.now()) {
        return reset_refused(site, reason);
    }
    let action = visit.path();
    let view = ResetView {
        layout: site.layout(),
        action: &action,
        form_token: &visit.form_token(&action),
        masked_email: &mask::address(&found.email_key),
        shortest: site.account.shortest_password,
        error,
    };
    Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
}

fn reset_refused(site: &SignInSite, reason: Reason) -> Result<Reply> {
    let status = if reason == Reason::LinkInvalid { 404 } else { 410 };
    let view = OutcomeView {
        layout: site.layout(),
        heading: site.locale.text("link-invalid"),
        words: reason_text(reason, site.locale).to_string(),
        next: site.locale.text("reset-request-new"),
        next_href: &site.path("forgot"),
    };
    Reply::view(status, &view, &view.layout)
}

#[handler]
async fn reset(visit: Visit<'_>, site: SignInSite, form: Form, Path(token): Path<String>) -> Result<Reply> {
    let Some(secret) = reset_secret(&site, &token) else {
        return reset_refused(&site, Reason::LinkInvalid);
    };
    let new = PasswordField {
        field: "new",
        text: form.get("new"),
    };
    match reset_password(&visit, &secret, new).await {
        Ok(None) => outcome(
            &site,
            site.locale.text("reset-done"),
            site.locale.text("reset-done-text"),
        ),
        Ok(Some(Refusal { reason, .. })) if reason.of_link() => reset_refused(&site, reason),
        Ok(Some(refusal)) => {
            reset_page(&visit, &site, &token, Some(&refusal_text(refusal, site.locale))).await
        }
        Err(error) if error.code == Code::BadUserInput => {
            let message = site.locale.text("password-unusable").to_string();
            reset_page(&visit, &site, &token, Some(&message)).await
        }
        Err(error) => Err(error),
    }
}

async fn reset_password(
    visit: &Visit<'_>,
    secret: &PlainSecret,
    new: PasswordField<'_>,
) -> Result<Option<Refusal>> {
    let moment = visit.moment();
    let verified = match resetting::verify(visit.sign_in(), secret, new, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Some(refusal)),
    };
    let mut conn = visit.conn().await?;
    let outcome = conn
        .transaction(async |conn| resetting::complete(conn, &verified, &visit.client, &moment).await)
        .await?;
    match outcome {
        Ok(ended) => {
            visit.live().nudge_password_change(secret.account, ended);
            Ok(None)
        }
        Err(refusal) => Ok(Some(refusal)),
    }
}

fn reset_secret(site: &SignInSite, token: &str) -> Option<PlainSecret> {
    PlainSecret::parse(SecretKind::Reset, token).filter(|secret| secret.account == site.account.id)
}
