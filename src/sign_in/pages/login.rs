//! Signing in by mail: ask, wait, type the code, or go in when it was confirmed on another device. And by password.

use diesel_async::AsyncConnection;
use poem::http::Method;

use crate::accounts::model::section::PortalSection;
use crate::base::address::{AddressFault, EmailAddress};
use crate::base::error::{Code, Result};
use crate::pages::views::{ErrorKind, LoginView, PasswordLoginView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::attempt;
use crate::sign_in::challenge::device::browser_secret;
use crate::sign_in::challenge::model as challenge;
use crate::sign_in::challenge::model::{Asked, RequestingDevice};
use crate::sign_in::open_session::{Browser, SessionTransport, SignedIn};
use crate::sign_in::pages::{AskedHere, Doorstep};
use crate::sign_in::password::{self, PasswordAttempt};
use crate::sign_in::refusal::{Reason, Refusal};

const WRONG_PASSWORD: &str = "Wrong email or password.";

/// A form as it was filled in, and what is wrong with it.
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

/// A sign-in by mail that a page asks for.
pub(crate) struct MailRequest<'a> {
    pub email: &'a EmailAddress,
    /// The address as the page shows it.
    pub shown: &'a str,
    pub section: PortalSection,
    /// A code alone, without a link.
    pub by_code: bool,
}

pub(crate) fn section_of(visit: &Visit) -> PortalSection {
    let query = visit.request.uri().query().unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "section");
    asked
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(PortalSection::Home)
}

/// What is wrong with an address, as a sentence.
pub(crate) fn address(text: &str) -> std::result::Result<EmailAddress, &'static str> {
    EmailAddress::parse(text).map_err(|fault| match fault {
        AddressFault::Empty | AddressFault::NotAnAddress => {
            "Enter an email address such as anna@example.com."
        }
        AddressFault::TooLong => "This email address is too long: it can have at most 254 characters.",
        AddressFault::Domain => "Check the part after the @: it is not a valid domain such as example.com.",
        AddressFault::LocalPart => "The part before the @ can contain only ASCII characters.",
    })
}

/// A refusal as a sentence with its wait.
pub(crate) fn words(refusal: Refusal) -> String {
    words_or(refusal, Reason::InvalidCredentials.message())
}

/// The same, with what the form asked for named where that was wrong.
pub(crate) fn words_or(refusal: Refusal, wrong: &str) -> String {
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

impl Site {
    /// The pages in front of the door, below a portal or a dashboard.
    pub(crate) async fn at_the_door(&self, door: &Doorstep, visit: Visit, parts: &[String]) -> Result<Reply> {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (&Method::GET, ["login"]) => match self.signed_in_home(door, &visit).await? {
                Some(home) => Ok(Reply::see_other(home)),
                None => self.login_form(door, &visit),
            },
            (&Method::POST, ["login"]) => self.login(door, visit).await,
            (&Method::GET, ["login", "password"]) => self.password_form(door, &visit),
            (&Method::POST, ["login", "password"]) => self.password_login(door, visit).await,
            (&Method::GET, ["login", "wait"]) => self.wait(door, &visit).await,
            (&Method::POST, ["login", "code"]) => self.type_code(door, visit).await,
            (&Method::POST, ["login", "finish"]) => self.finish(door, visit).await,
            (&Method::POST, ["login", "resend"]) => self.resend(door, visit).await,
            (&Method::GET, ["login", "code" | "finish" | "resend"]) => {
                Ok(Reply::see_other(door.path("login/wait")))
            }
            (&Method::GET, ["login", "confirm", id]) => self.confirm_form(door, &visit, id).await,
            (&Method::POST, ["login", "confirm", id]) => self.choose(door, visit, id).await,
            (&Method::GET, ["login", "google"]) => self.google_begin(door, &visit).await,
            (&Method::GET, ["login", "google", "done"]) => self.google_done(door, &visit).await,
            (&Method::GET, ["forgot"]) => self.forgot_form(door, &visit),
            (&Method::POST, ["forgot"]) => self.forgot(door, visit).await,
            (&Method::GET, ["reset", token]) => self.reset_form(door, &visit, token).await,
            (&Method::POST, ["reset", token]) => self.reset(door, visit, token).await,
            _ => Ok(Reply::error(&door.layout(), ErrorKind::NotFound)),
        }
    }

    pub(crate) fn login_form(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        self.login_page(door, visit, section_of(visit), Filled::default())
    }

    fn login_page(
        &self,
        door: &Doorstep,
        visit: &Visit,
        section: PortalSection,
        filled: Filled<'_>,
    ) -> Result<Reply> {
        let ended = visit.request.uri().query() == Some("ended");
        let view = LoginView {
            layout: door.layout(),
            door: door.doorway(self),
            form_token: &self.form_token(visit, &door.path("login")),
            section: crate::pages::portal::section_name(section),
            email: filled.email,
            error: filled.error,
            notice: ended.then_some("Your session has ended. Please sign in again."),
        };
        Reply::view(filled.status(), &view, &view.layout)
    }

    pub(crate) async fn login(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let action = door.path("login");
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let section = form.get("section").parse().unwrap_or(PortalSection::Home);
        let email = match address(form.get("email")) {
            Ok(email) => email,
            Err(fault) => {
                let filled = Filled {
                    email: form.get("email"),
                    error: Some(fault),
                };
                return self.login_page(door, &visit, section, filled);
            }
        };
        let wanted = MailRequest {
            email: &email,
            shown: &email.text,
            section,
            by_code: false,
        };
        let here = self.ask(door, &visit, &wanted).await?;
        self.keep_asked(Reply::see_other(door.path("login/wait")), door, &here)
    }

    /// Asks for a sign-in by mail; the answer is the same whoever the address belongs to.
    pub(crate) async fn ask(
        &self,
        door: &Doorstep,
        visit: &Visit,
        wanted: &MailRequest<'_>,
    ) -> Result<AskedHere> {
        let Some(account) = &door.account else {
            let asked = Asked::of_nobody(&self.services.clock.moment());
            return Ok(AskedHere::new(&asked, wanted));
        };
        let keys = &self.services.sign_in.keys;
        let browser = Browser(&visit.visitor.browser);
        let device = browser_secret(keys, account.id, door.audience, browser, wanted.email);
        let request = challenge::Request {
            account,
            audience: door.audience,
            email: wanted.email,
            section: wanted.section,
            by_code: wanted.by_code,
            device: RequestingDevice::Browser(&device),
            client: &visit.client,
        };
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        attempt::count_email_request(&mut conn, account.id, &visit.client, &moment).await?;
        let asked = conn
            .transaction(async |conn| challenge::request(conn, &request, &moment).await)
            .await?;
        self.services.live.challenge_requested(account.id, &asked);
        Ok(AskedHere::new(&asked, wanted))
    }

    pub(crate) fn password_form(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        self.password_page(door, visit, section_of(visit), Filled::default())
    }

    fn password_page(
        &self,
        door: &Doorstep,
        visit: &Visit,
        section: PortalSection,
        filled: Filled<'_>,
    ) -> Result<Reply> {
        let view = PasswordLoginView {
            layout: door.layout(),
            door: door.doorway(self),
            form_token: &self.form_token(visit, &door.path("login/password")),
            section: crate::pages::portal::section_name(section),
            email: filled.email,
            error: filled.error,
        };
        Reply::view(filled.status(), &view, &view.layout)
    }

    pub(crate) async fn password_login(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let action = door.path("login/password");
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let section = form.get("section").parse().unwrap_or(PortalSection::Home);
        let refused = |error: &str| {
            let filled = Filled {
                email: form.get("email"),
                error: Some(error),
            };
            self.password_page(door, &visit, section, filled)
        };
        let email = match address(form.get("email")) {
            Ok(email) => email,
            Err(fault) => return refused(fault),
        };
        let Some(account) = &door.account else {
            return refused(WRONG_PASSWORD);
        };
        let attempt = PasswordAttempt {
            account: account.id,
            audience: door.audience,
            email: &email,
            password: form.get("password"),
            client: &visit.client,
        };
        match self.sign_in_with_password(&visit, &attempt).await {
            Ok(Ok(signed_in)) => self.set_session(&signed_in, door.landing(section)),
            Ok(Err(refusal)) => refused(&words_or(refusal, WRONG_PASSWORD)),
            Err(error) if error.code == Code::BadUserInput => refused(error.message()),
            Err(error) => Err(error),
        }
    }

    async fn sign_in_with_password(
        &self,
        visit: &Visit,
        attempt: &PasswordAttempt<'_>,
    ) -> Result<std::result::Result<SignedIn, Refusal>> {
        let (context, moment) = (&self.services.sign_in, self.services.clock.moment());
        let verified = match password::verify(context, attempt, &moment).await? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let mut conn = self.services.db.conn().await?;
        let done = conn
            .transaction(async |conn| password::complete(conn, context, verified, transport, &moment).await)
            .await?;
        self.services.live.attempted(attempt.account, done.as_ref().ok());
        Ok(done)
    }
}
