//! The browser that requested a sign-in waits, takes the code, or signs in once it was confirmed on another device.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::{get, handler};

use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::text::Text;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, Reply, SignInOptions, SignInSite, Visit};
use crate::sign_in::challenge::code::SubmittedCode;
use crate::sign_in::challenge::model::{ChallengeState, seconds_until};
use crate::sign_in::challenge::{self, VerifiedChallenge};
use crate::sign_in::open_session::SignedIn;
use crate::sign_in::pages::login::{EmailRequest, request_email, signed_in_home};
use crate::sign_in::pages::refusal::refusal_text;
use crate::sign_in::pages::{PendingSignIn, set_session};
use crate::sign_in::refusal::{Reason, Refusal};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/login/wait", get(wait))
        .at("/login/code", get(to_wait).post(enter_code))
        .at("/login/finish", get(to_wait).post(finish))
        .at("/login/resend", get(to_wait).post(resend))
}

/// The state of the sign-in that this browser requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// The link in the email was not used yet. An unknown address looks the same.
    Pending,
    /// The link was used on another device, which now asks for the number.
    Opened,
    Confirmed,
    /// Expired, used, denied or superseded.
    Ended,
}

impl Waiting {
    /// The API's name of the state, for the page's script.
    fn api_name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Opened => "LINK_OPENED",
            Self::Confirmed => "CONFIRMED",
            Self::Ended => "EXPIRED",
        }
    }
}

/// `GET /login/wait`: the browser that requested a sign-in waits for it.
#[derive(Debug, Template)]
#[template(path = "pages/login_wait.html")]
pub(crate) struct LoginWaitView<'a> {
    pub layout: Layout<'a>,
    pub options: SignInOptions<'a>,
    /// The entered address, or the masked one if the address came from a link.
    pub email: &'a str,
    pub state: Waiting,
    pub challenge_id: &'a str,
    /// The two digits that the other device asks for.
    pub matching_number: &'a str,
    /// Posts `code` to `{base}/login/code`.
    pub code_token: &'a str,
    /// Posts to `{base}/login/finish`.
    pub finish_token: &'a str,
    /// Posts to `{base}/login/resend`.
    pub resend_token: &'a str,
    /// Seconds until another email can be sent.
    pub resend_after: i64,
    /// Why the code was refused.
    pub error: Option<&'a str>,
}

impl LoginWaitView<'_> {
    /// The page's script continues the countdown with the same text.
    fn resend_label(&self) -> Text {
        match self.resend_after {
            ..=0 => self.layout.text("wait-resend"),
            seconds @ 1..120 => self.layout.text("wait-resend-seconds").arg("count", seconds),
            seconds => {
                let minutes = (seconds + 59) / 60;
                self.layout.text("wait-resend-minutes").arg("count", minutes)
            }
        }
    }
}

#[handler]
async fn wait(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    if let Some(home) = signed_in_home(&visit, &site).await? {
        return Ok(Reply::see_other(home));
    }
    match PendingSignIn::of(&visit, &site) {
        Some(pending) => wait_page(&visit, &site, &pending, None).await,
        None => Ok(Reply::see_other(site.path("login"))),
    }
}

#[handler]
async fn to_wait(site: SignInSite) -> Reply {
    Reply::see_other(site.path("login/wait"))
}

async fn wait_page(
    visit: &Visit<'_>,
    site: &SignInSite,
    pending: &PendingSignIn,
    error: Option<&str>,
) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let state = challenge::state_of(&mut conn, &pending.challenge, visit.now()).await?;
    drop(conn);
    let view = LoginWaitView {
        layout: site.layout(),
        options: site.sign_in_options(visit),
        email: &pending.shown,
        state: Waiting::of(state),
        challenge_id: &pending.challenge,
        matching_number: &pending.matching_number,
        code_token: &visit.form_token(&site.path("login/code")),
        finish_token: &visit.form_token(&site.path("login/finish")),
        resend_token: &visit.form_token(&site.path("login/resend")),
        resend_after: seconds_until(pending.resend_at, visit.now()),
        error,
    };
    Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
}

impl Waiting {
    fn of(state: ChallengeState) -> Self {
        match state {
            ChallengeState::Pending => Self::Pending,
            ChallengeState::LinkOpened => Self::Opened,
            ChallengeState::Confirmed => Self::Confirmed,
            ChallengeState::Completed | ChallengeState::Expired => Self::Ended,
        }
    }
}

#[handler]
async fn enter_code(visit: Visit<'_>, site: SignInSite, form: Form) -> Result<Reply> {
    let Some(pending) = PendingSignIn::of(&visit, &site) else {
        return Ok(Reply::see_other(site.path("login")));
    };
    let (keys, moment) = (&visit.sign_in().keys, visit.moment());
    let submitted = SubmittedCode {
        challenge: &pending.challenge,
        code: form.get("code"),
    };
    let mut conn = visit.conn().await?;
    let verified = challenge::code::verify(&mut conn, keys, submitted, &visit.client, &moment).await?;
    let outcome = complete(&mut conn, &visit, verified, &moment).await?;
    drop(conn);
    sign_in_reply(&visit, &site, &pending, outcome).await
}

/// Requests another email for the same address.
#[handler]
async fn resend(visit: Visit<'_>, site: SignInSite, _form: Form) -> Result<Reply> {
    let pending = PendingSignIn::of(&visit, &site);
    let email = pending
        .as_ref()
        .map(|pending| EmailAddress::parse(&pending.email));
    let (Some(pending), Some(Ok(email))) = (&pending, email) else {
        return Ok(Reply::see_other(site.path("login")));
    };
    let request = EmailRequest {
        email: &email,
        shown: &pending.shown,
        section: pending.section(),
        by_code: false,
    };
    let pending = request_email(&visit, &site, &request).await?;
    pending.keep(Reply::see_other(site.path("login/wait")), &visit, &site)
}

#[handler]
async fn finish(visit: Visit<'_>, site: SignInSite, _form: Form) -> Result<Reply> {
    let Some(pending) = PendingSignIn::of(&visit, &site) else {
        return Ok(Reply::see_other(site.path("login")));
    };
    let (id, client) = (&pending.challenge, &visit.client);
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let verified = match PlainSecret::parse(SecretKind::Device, &pending.device_secret) {
        Some(secret) => challenge::device::verify(&mut conn, id, &secret, client, &moment).await?,
        None => Err(Reason::InvalidCredentials.into()),
    };
    let outcome = complete(&mut conn, &visit, verified, &moment).await?;
    drop(conn);
    sign_in_reply(&visit, &site, &pending, outcome).await
}

/// Signs in with a challenge that has a right proof.
async fn complete(
    conn: &mut Conn,
    visit: &Visit<'_>,
    verified: std::result::Result<VerifiedChallenge<'_>, Refusal>,
    moment: &Moment,
) -> Result<std::result::Result<SignedIn, Refusal>> {
    let verified = match verified {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (keys, transport) = (&visit.sign_in().keys, visit.transport());
    let outcome = conn
        .transaction(async |conn| challenge::complete(conn, keys, &verified, transport, moment).await)
        .await?;
    let account = verified.challenge().account_id;
    visit.live().nudge_sign_in(account, outcome.as_ref().ok());
    Ok(outcome)
}

async fn sign_in_reply(
    visit: &Visit<'_>,
    site: &SignInSite,
    pending: &PendingSignIn,
    outcome: std::result::Result<SignedIn, Refusal>,
) -> Result<Reply> {
    match outcome {
        Ok(opened) => {
            let reply = set_session(visit, &opened, site.landing(pending.section()))?;
            Ok(PendingSignIn::forget(reply, visit, site))
        }
        Err(refusal) => wait_page(visit, site, pending, Some(&refusal_text(refusal, site.locale))).await,
    }
}
