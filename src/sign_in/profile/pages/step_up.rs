//! Step-up: the user confirms their identity again, with an emailed code or the password.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::address::EmailAddress;
use crate::base::error::Result;
use crate::base::mask;
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, PageSession, Reply, SignInSite, Visit};
use crate::sign_in::challenge::code::SubmittedCode;
use crate::sign_in::open_session::SessionRecipient;
use crate::sign_in::pages::login::{EmailRequest, request_email};
use crate::sign_in::pages::refusal::refusal_text_or;
use crate::sign_in::pages::{PendingSignIn, set_session};
use crate::sign_in::password::model::Password;
use crate::sign_in::step_up::{self as stepping_up, Proof, StepUpAttempt};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .at("/step-up", get(show).post(step_up))
        .at("/step-up/mail", get(redirect_to_step_up).post(send_code))
}

/// `GET /step-up`: a new proof, by an emailed code or the password.
#[derive(Debug, Template)]
#[template(path = "pages/step_up.html")]
pub(crate) struct StepUpView<'a> {
    pub layout: Layout<'a>,
    pub base: &'a str,
    /// Why a proof is needed and how to continue, as sentences.
    pub reason: &'a str,
    /// The query of the forms' addresses: empty, or beginning with `?`.
    pub query: &'a str,
    /// The masked address.
    pub masked_email: &'a str,
    /// A code was emailed, so the page asks for it.
    pub code_sent: bool,
    pub password: bool,
    /// Posts to `{base}/step-up/mail`.
    pub mail_token: &'a str,
    /// Posts `code` or `password` to `{base}/step-up`.
    pub form_token: &'a str,
    pub error: Option<&'a str>,
    /// What the session may open already: "your courses".
    pub back: &'a str,
    pub back_href: &'a str,
}

/// The page that a step-up leads to.
#[derive(Clone, Copy)]
pub(super) enum StepUpTarget {
    Profile,
    Section(PortalSection),
}

impl StepUpTarget {
    /// Read from the parameter `to` of the page's address.
    fn of(visit: &Visit<'_>) -> Self {
        let to = visit.query("to").and_then(|value| value.parse().ok());
        to.map_or(Self::Profile, Self::Section)
    }

    fn query(self) -> String {
        match self {
            Self::Profile => String::new(),
            Self::Section(section) => format!("?to={}", section.as_str()),
        }
    }

    /// The page of the step-up.
    pub(crate) fn step_up(self, site: &SignInSite) -> String {
        format!("{}{}", site.path("step-up"), self.query())
    }

    fn landing(self, site: &SignInSite) -> String {
        match (self, site.audience) {
            (Self::Section(section), Audience::Portal) => site.landing(section),
            (Self::Section(_), Audience::Dashboard) | (Self::Profile, _) => site.path("profile"),
        }
    }

    /// Why a proof is needed and how to continue, as sentences.
    fn reason(self, user: &PageSession) -> String {
        let locale = user.site.locale;
        let destination = match self {
            Self::Profile => locale.text("step-up-profile"),
            Self::Section(section) => section.phrase(&locale),
        };
        let text = match user.session.section {
            Some(only) => locale.text("step-up-limited").arg("open", only.phrase(&locale)),
            None => locale.text("step-up-for-password"),
        };
        text.arg("destination", destination).to_string()
    }
}

#[handler]
async fn show(visit: Visit<'_>, user: PageSession) -> Result<Reply> {
    match StepUpTarget::of(&visit) {
        target @ StepUpTarget::Section(_) if user.session.section.is_none() => {
            Ok(Reply::see_other(target.landing(&user.site)))
        }
        _ => step_up_page(&visit, &user, None).await,
    }
}

#[handler]
async fn redirect_to_step_up(visit: Visit<'_>, site: SignInSite) -> Reply {
    Reply::see_other(StepUpTarget::of(&visit).step_up(&site))
}

async fn step_up_page(visit: &Visit<'_>, user: &PageSession, error: Option<&str>) -> Result<Reply> {
    let site = &user.site;
    let mut conn = visit.conn().await?;
    let password = site.account.password_allowed && Password::of(&mut conn, &user.person).await?.is_some();
    drop(conn);
    let target = StepUpTarget::of(visit);
    let (back, back_href) = match user.session.section {
        Some(only) => (only.phrase(&site.locale), site.landing(only)),
        None => (site.locale.text("step-up-profile"), site.path("profile")),
    };
    let view = StepUpView {
        layout: site.layout(),
        base: &site.base,
        reason: &target.reason(user),
        query: &target.query(),
        back: &back.to_string(),
        back_href: &back_href,
        masked_email: &user.person.email().map(mask::address).unwrap_or_default(),
        code_sent: PendingSignIn::of(visit, site).is_some(),
        password,
        mail_token: &visit.form_token(&site.path("step-up/mail")),
        form_token: &visit.form_token(&site.path("step-up")),
        error,
    };
    Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
}

#[handler]
async fn send_code(visit: Visit<'_>, user: PageSession, _form: Form) -> Result<Reply> {
    let page = StepUpTarget::of(&visit).step_up(&user.site);
    let email = user.person.email().map(EmailAddress::parse);
    let Some(Ok(email)) = email else {
        return Ok(Reply::see_other(page));
    };
    let request = EmailRequest {
        email: &email,
        shown: &mask::address(&email.text),
        section: PortalSection::Home,
        by_code: true,
    };
    let pending = request_email(&visit, &user.site, &request).await?;
    pending.keep(Reply::see_other(page), &visit, &user.site)
}

#[handler]
async fn step_up(visit: Visit<'_>, user: PageSession, form: Form) -> Result<Reply> {
    let pending = PendingSignIn::of(&visit, &user.site);
    let proof = match &pending {
        Some(pending) if !form.get("code").is_empty() => Proof::Code(SubmittedCode {
            challenge: &pending.challenge,
            code: form.get("code"),
        }),
        _ => Proof::Password(form.get("password")),
    };
    let (context, own) = (visit.sign_in(), &user.own);
    let attempt = StepUpAttempt {
        own,
        recipient: SessionRecipient {
            transport: visit.transport(),
            client: &visit.client,
        },
    };
    let verified = stepping_up::verify(context, &attempt, proof).await?;
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let result = conn
        .transaction(async |conn| stepping_up::complete(conn, context, &attempt, verified, &moment).await)
        .await?;
    drop(conn);
    visit.live().nudge_step_up(own, result.as_ref().ok());
    match result {
        Ok(opened) => {
            let reply = set_session(&visit, &opened, StepUpTarget::of(&visit).landing(&user.site))?;
            Ok(PendingSignIn::forget(reply, &visit, &user.site))
        }
        Err(refusal) => {
            let locale = user.site.locale;
            let message = refusal_text_or(refusal, locale, locale.text("refused-step-up"));
            step_up_page(&visit, &user, Some(&message)).await
        }
    }
}
