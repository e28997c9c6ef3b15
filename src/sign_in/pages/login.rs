//! Requesting a sign-in by email, and signing in with a password.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::address::{AddressError, EmailAddress};
use crate::base::error::{Code, Result};
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, PageSession, Reply, SignInOptions, SignInSite, Visit};
use crate::sign_in::attempt;
use crate::sign_in::challenge::device::browser_secret;
use crate::sign_in::challenge::model::{Challenge, LoginRequest, RequestingDevice};
use crate::sign_in::open_session::{Browser, SignedIn};
use crate::sign_in::pages::{PendingSignIn, set_session};
use crate::sign_in::password::{self, PasswordAttempt};
use crate::sign_in::refusal::{Reason, Refusal};

const WRONG_PASSWORD: &str = "Wrong email or password.";

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
    /// Where the visitor wanted to go; posted with the form.
    pub section: PortalSection,
    /// What was typed before, to correct it. Empty at first.
    pub email: &'a str,
    /// What is wrong with it, as a sentence.
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

/// A submitted form, and what is wrong with it.
#[derive(Clone, Copy, Default)]
struct Filled<'a> {
    email: &'a str,
    error: Option<&'a str>,
}

impl Filled<'_> {
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

/// The section that a page's address asks for.
pub(crate) fn section_of(visit: &Visit<'_>) -> PortalSection {
    let asked = visit.query("section").and_then(|value| value.parse().ok());
    asked.unwrap_or(PortalSection::Home)
}

/// What is wrong with an address, as a sentence.
pub(crate) fn parse_email(text: &str) -> std::result::Result<EmailAddress, &'static str> {
    EmailAddress::parse(text).map_err(|fault| match fault {
        AddressError::Empty | AddressError::NotAnAddress => {
            "Enter an email address such as anna@example.com."
        }
        AddressError::TooLong => "This email address is too long: it can have at most 254 characters.",
        AddressError::Domain => "Check the part after the @: it is not a valid domain such as example.com.",
        AddressError::LocalPart => "The part before the @ can contain only ASCII characters.",
    })
}

/// A refusal as a sentence with its wait.
pub(crate) fn refusal_text(refusal: Refusal) -> String {
    refusal_text_or(refusal, Reason::InvalidCredentials.message())
}

/// The same, with a text of the form's own for wrong credentials.
pub(crate) fn refusal_text_or(refusal: Refusal, wrong: &str) -> String {
    let words = match refusal.reason {
        Reason::InvalidCredentials => wrong,
        reason => reason.message(),
    };
    match refusal.retry_after {
        Some(seconds) if seconds >= 120 => format!("{words} Try again in {} minutes.", seconds.div_ceil(60)),
        Some(seconds) => format!("{words} Try again in {seconds} seconds."),
        None => words.to_owned(),
    }
}

/// Where the sign-in pages redirect a visitor who is already signed in.
pub(crate) async fn signed_in_home(visit: &Visit<'_>, site: &SignInSite) -> Result<Option<String>> {
    let mut conn = visit.conn().await?;
    let user = PageSession::find(&mut conn, visit, site).await?;
    Ok(user.map(|user| match (site.audience, section_of(visit)) {
        (Audience::Dashboard, _) | (_, PortalSection::Home) => site.landing(user.session.section_or_home()),
        (Audience::Portal, wanted) => site.landing(wanted),
    }))
}

#[handler]
async fn login_form(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    match signed_in_home(&visit, &site).await? {
        Some(home) => Ok(Reply::see_other(home)),
        None => login_page(&visit, &site, section_of(&visit), Filled::default()),
    }
}

fn login_page(
    visit: &Visit<'_>,
    site: &SignInSite,
    section: PortalSection,
    filled: Filled<'_>,
) -> Result<Reply> {
    let ended = visit.query("ended").is_some();
    let view = LoginView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        form_token: &visit.form_token(&site.path("login")),
        section,
        email: filled.email,
        error: filled.error,
        notice: ended.then_some("Your session has ended. Please sign in again."),
    };
    Reply::view(filled.status(), &view, &view.layout)
}

#[handler]
async fn login(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let section = form.get("section").parse().unwrap_or(PortalSection::Home);
    let email = match parse_email(form.get("email")) {
        Ok(email) => email,
        Err(fault) => {
            let filled = Filled {
                email: form.get("email"),
                error: Some(fault),
            };
            return login_page(&visit, &site, section, filled);
        }
    };
    let wanted = EmailRequest {
        email: &email,
        shown: &email.text,
        section,
        by_code: false,
    };
    let pending = request_email(&visit, &site, &wanted).await?;
    pending.keep(Reply::see_other(site.path("login/wait")), &visit, &site)
}

/// Requests a sign-in by email; the answer is the same for every address.
pub(crate) async fn request_email(
    visit: &Visit<'_>,
    site: &SignInSite,
    wanted: &EmailRequest<'_>,
) -> Result<PendingSignIn> {
    let account = site.account.id;
    let (keys, browser) = (&visit.sign_in().keys, Browser(&visit.visitor.browser));
    let device = browser_secret(keys, account, site.audience, browser, wanted.email);
    let request = LoginRequest {
        account: &site.account,
        audience: site.audience,
        email: wanted.email,
        section: wanted.section,
        by_code: wanted.by_code,
        device: RequestingDevice::Browser(&device),
        client: &visit.client,
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    attempt::count_email_request(&mut conn, account, &visit.client, &moment).await?;
    let requested = conn
        .transaction(async |conn| Challenge::request(conn, &request, &moment).await)
        .await?;
    visit.live().challenge_requested(account, &requested);
    Ok(PendingSignIn::new(&requested, wanted))
}

#[handler]
async fn password_form(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    password_page(&visit, &site, section_of(&visit), Filled::default())
}

fn password_page(
    visit: &Visit<'_>,
    site: &SignInSite,
    section: PortalSection,
    filled: Filled<'_>,
) -> Result<Reply> {
    let view = PasswordLoginView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        form_token: &visit.form_token(&site.path("login/password")),
        section,
        email: filled.email,
        error: filled.error,
    };
    Reply::view(filled.status(), &view, &view.layout)
}

#[handler]
async fn password_login(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let section = form.get("section").parse().unwrap_or(PortalSection::Home);
    let refused = |error: &str| {
        let filled = Filled {
            email: form.get("email"),
            error: Some(error),
        };
        password_page(&visit, &site, section, filled)
    };
    let email = match parse_email(form.get("email")) {
        Ok(email) => email,
        Err(fault) => return refused(fault),
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
        Ok(Err(refusal)) => refused(&refusal_text_or(refusal, WRONG_PASSWORD)),
        Err(error) if error.code == Code::BadUserInput => refused(error.message()),
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
    let done = conn
        .transaction(async |conn| password::complete(conn, context, verified, transport, &moment).await)
        .await?;
    visit.live().attempted(attempt.account, done.as_ref().ok());
    Ok(done)
}
