//! The sign-in forms: by email, and with a password.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::address::{AddressError, EmailAddress};
use crate::base::error::{Code, Result};
use crate::base::locale::Locale;
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, PageSession, Reply, SignInOptions, SignInSite, Visit};
use crate::sign_in::attempt;
use crate::sign_in::challenge::device::browser_secret;
use crate::sign_in::challenge::model::{Challenge, LoginRequest, RequestingDevice};
use crate::sign_in::open_session::{Browser, SignedIn};
use crate::sign_in::pages::refusal::refusal_text_or;
use crate::sign_in::pages::{PendingSignIn, set_session};
use crate::sign_in::password::{self, PasswordAttempt};
use crate::sign_in::refusal::Refusal;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/login", get(login_form).post(login))
        .at("/login/password", get(password_form).post(password_login))
}

/// `GET /login`, and its `POST` when the address was wrong.
#[derive(Debug, Template)]
#[template(path = "pages/login.html")]
pub(crate) struct LoginView<'a> {
    pub layout: Layout<'a>,
    pub options: SignInOptions<'a>,
    /// Posts `email`, `section`, `form_token` to `{base}/login`.
    pub form_token: &'a str,
    /// Where the visitor is redirected after signing in; posted with the form.
    pub section: PortalSection,
    /// The submitted address, to correct it. Empty at first.
    pub email: &'a str,
    /// The error, as a sentence.
    pub error: Option<&'a str>,
    /// A line above the form, such as "You are signed out."
    pub notice: Option<&'a str>,
}

/// `GET /login/password`, and its `POST` when it was refused.
#[derive(Debug, Template)]
#[template(path = "pages/login_password.html")]
pub(crate) struct PasswordLoginView<'a> {
    pub layout: Layout<'a>,
    pub options: SignInOptions<'a>,
    pub form_token: &'a str,
    pub section: PortalSection,
    pub email: &'a str,
    pub error: Option<&'a str>,
}

/// A submitted form, and its error.
#[derive(Clone, Copy, Default)]
struct LoginForm<'a> {
    email: &'a str,
    error: Option<&'a str>,
}

impl LoginForm<'_> {
    fn status(&self) -> u16 {
        if self.error.is_some() { 400 } else { 200 }
    }
}

/// A page's request for a sign-in by email.
pub(crate) struct EmailRequest<'a> {
    pub email: &'a EmailAddress,
    /// The address as the page shows it.
    pub shown: &'a str,
    pub section: PortalSection,
    /// A code alone, without a link.
    pub by_code: bool,
}

/// The section in the query of a page's address.
pub(crate) fn section_of(visit: &Visit<'_>) -> PortalSection {
    let section = visit.query("section").and_then(|value| value.parse().ok());
    section.unwrap_or(PortalSection::Home)
}

/// Parses an address; the error is a sentence.
pub(crate) fn parse_email(text: &str, locale: Locale) -> std::result::Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| {
        let text = match error {
            AddressError::Empty | AddressError::NotAnAddress => locale.text("address-invalid"),
            AddressError::TooLong => locale.text("address-too-long"),
            AddressError::Domain => locale.text("address-domain"),
            AddressError::LocalPart => locale.text("address-local-part"),
        };
        text.to_string()
    })
}

/// Where the sign-in pages redirect a visitor who is already signed in.
pub(crate) async fn signed_in_home(visit: &Visit<'_>, site: &SignInSite) -> Result<Option<String>> {
    let mut conn = visit.conn().await?;
    let user = PageSession::find(&mut conn, visit, site).await?;
    Ok(user.map(|user| match (site.audience, section_of(visit)) {
        (Audience::Dashboard, _) | (_, PortalSection::Home) => site.landing(user.session.section_or_home()),
        (Audience::Portal, section) => site.landing(section),
    }))
}

#[handler]
async fn login_form(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    match signed_in_home(&visit, &site).await? {
        Some(home) => Ok(Reply::see_other(home)),
        None => login_page(&visit, &site, section_of(&visit), LoginForm::default()),
    }
}

fn login_page(
    visit: &Visit<'_>,
    site: &SignInSite,
    section: PortalSection,
    submitted: LoginForm<'_>,
) -> Result<Reply> {
    let ended = visit
        .query("ended")
        .map(|_| site.locale.text("login-ended").to_string());
    let view = LoginView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        form_token: &visit.form_token(&site.path("login")),
        section,
        email: submitted.email,
        error: submitted.error,
        notice: ended.as_deref(),
    };
    Reply::view(submitted.status(), &view, &view.layout)
}

#[handler]
async fn login(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let section = form.get("section").parse().unwrap_or(PortalSection::Home);
    let email = match parse_email(form.get("email"), site.locale) {
        Ok(email) => email,
        Err(error) => {
            let submitted = LoginForm {
                email: form.get("email"),
                error: Some(&error),
            };
            return login_page(&visit, &site, section, submitted);
        }
    };
    let request = EmailRequest {
        email: &email,
        shown: &email.text,
        section,
        by_code: false,
    };
    let pending = request_email(&visit, &site, &request).await?;
    pending.keep(Reply::see_other(site.path("login/wait")), &visit, &site)
}

/// Requests a sign-in by email; the response is the same for every address.
pub(crate) async fn request_email(
    visit: &Visit<'_>,
    site: &SignInSite,
    email_request: &EmailRequest<'_>,
) -> Result<PendingSignIn> {
    let account = site.account.id;
    let (keys, browser) = (&visit.sign_in().keys, Browser(&visit.browser.value));
    let device = browser_secret(keys, account, site.audience, browser, email_request.email);
    let request = LoginRequest {
        account: &site.account,
        audience: site.audience,
        email: email_request.email,
        section: email_request.section,
        by_code: email_request.by_code,
        device: RequestingDevice::Browser(&device),
        client: &visit.client,
        daily_messages: visit.services().settings.daily_messages,
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    attempt::count_email_request(&mut conn, account, &visit.client, &moment).await?;
    let requested = conn
        .transaction(async |conn| Challenge::request(conn, &request, &moment).await)
        .await?;
    visit.live().nudge_login_request(account, &requested);
    Ok(PendingSignIn::new(&requested, email_request))
}

#[handler]
async fn password_form(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    password_page(&visit, &site, section_of(&visit), LoginForm::default())
}

fn password_page(
    visit: &Visit<'_>,
    site: &SignInSite,
    section: PortalSection,
    submitted: LoginForm<'_>,
) -> Result<Reply> {
    let view = PasswordLoginView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        form_token: &visit.form_token(&site.path("login/password")),
        section,
        email: submitted.email,
        error: submitted.error,
    };
    Reply::view(submitted.status(), &view, &view.layout)
}

#[handler]
async fn password_login(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let section = form.get("section").parse().unwrap_or(PortalSection::Home);
    let refused = |error: &str| {
        let submitted = LoginForm {
            email: form.get("email"),
            error: Some(error),
        };
        password_page(&visit, &site, section, submitted)
    };
    let email = match parse_email(form.get("email"), site.locale) {
        Ok(email) => email,
        Err(error) => return refused(&error),
    };
    let attempt = PasswordAttempt {
        account: site.account.id,
        audience: site.audience,
        email: &email,
        password: form.get("password"),
        client: &visit.client,
    };
    match sign_in_with_password(&visit, &attempt).await {
        Ok(Ok(opened)) => set_session(&visit, &opened, site.landing(section)),
        Ok(Err(refusal)) => {
            let wrong = site.locale.text("refused-password");
            refused(&refusal_text_or(refusal, site.locale, wrong))
        }
        Err(error) if error.code == Code::BadUserInput => {
            refused(&site.locale.text("password-unusable").to_string())
        }
        Err(error) => Err(error),
    }
}

async fn sign_in_with_password(
    visit: &Visit<'_>,
    attempt: &PasswordAttempt<'_>,
) -> Result<std::result::Result<SignedIn, Refusal>> {
    let (context, moment) = (visit.sign_in(), visit.moment());
    let verified = match password::verify(context, attempt, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let transport = visit.transport();
    let mut conn = visit.conn().await?;
    let result = conn
        .transaction(async |conn| password::complete(conn, context, verified, transport, &moment).await)
        .await?;
    visit.live().nudge_sign_in(attempt.account, result.as_ref().ok());
    Ok(result)
}
