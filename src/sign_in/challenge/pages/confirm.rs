//! Confirming another device: the user of the browser that opened the link confirms or denies the device that requested it.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::{Code, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Form, Layout, OutcomeView, PageSession, Reply, SignInSite, Visit};
use crate::sign_in::challenge::confirmation::{
    Choice, Confirmation, ConfirmationAnswer, ConfirmationOutcome, after_redeem, answer, pending_confirmation,
};
use crate::sign_in::open_session::SignedIn;
use crate::sign_in::pages::{PendingSignIn, set_session};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/login/confirm/:challenge", get(confirm_form).post(submit_answer))
}

/// `GET /login/confirm/{challenge}`: the device that opened the link confirms the one that requested it.
#[derive(Debug, Template)]
#[template(path = "pages/login_confirm.html")]
pub(crate) struct LoginConfirmView<'a> {
    pub layout: Layout<'a>,
    /// The requesting device, in words.
    pub device: &'a str,
    /// Its network.
    pub network: &'a str,
    pub requested_at: &'a str,
    /// The numbers to choose from; one is shown on the requesting device.
    pub numbers: &'a [String],
    /// Posts `number`, or `deny=yes`, to this path.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Where "Continue here" leads.
    pub home: &'a str,
}

/// Redirects after a link was redeemed: to the landing page, or to the confirmation of the requesting device.
pub(crate) async fn after_link(
    conn: &mut Conn,
    visit: &Visit<'_>,
    site: &SignInSite,
    opened: &SignedIn,
) -> Result<Reply> {
    let pending = PendingSignIn::of(visit, site);
    let secret = pending.and_then(|pending| PlainSecret::parse(SecretKind::Device, &pending.device_secret));
    let (keys, session) = (&visit.sign_in().keys, &opened.session);
    let confirmation = after_redeem(conn, keys, session, secret.as_ref(), visit.now()).await?;
    let landing = match (confirmation, session.challenge_id) {
        (Some(confirmation), _) => site.path(&format!("login/confirm/{}", confirmation.challenge)),
        (None, challenge) => {
            let completed: Vec<Topic> = challenge.map(Topic::Challenge).into_iter().collect();
            visit.live().nudge(session.account_id, &completed);
            site.landing(opened.section)
        }
    };
    set_session(visit, opened, landing)
}

#[handler]
async fn confirm_form(visit: Visit<'_>, user: PageSession, Path(challenge): Path<String>) -> Result<Reply> {
    let keys = &visit.sign_in().keys;
    let mut conn = visit.conn().await?;
    let pending = pending_confirmation(&mut conn, keys, &user.session, visit.now()).await?;
    match pending.filter(|pending| pending.challenge.to_string() == challenge) {
        Some(pending) => confirm_page(&visit, &user.site, &pending),
        None => Ok(Reply::see_other(
            user.site.landing(user.session.section_or_home()),
        )),
    }
}

fn confirm_page(visit: &Visit<'_>, site: &SignInSite, confirmation: &Confirmation) -> Result<Reply> {
    let action = visit.path();
    let locale = site.locale;
    let minutes = (visit.now() - confirmation.requested_at).num_minutes();
    let requested_at = locale.text("confirm-ago").arg("minutes", minutes).to_string();
    let unknown = || locale.text("confirm-unknown-network").to_string();
    let view = LoginConfirmView {
        layout: site.layout(),
        device: &confirmation.device(locale),
        network: &confirmation.network.clone().unwrap_or_else(unknown),
        requested_at: &requested_at,
        numbers: &confirmation.numbers,
        action: &action,
        form_token: &visit.form_token(&action),
        home: &site.landing(PortalSection::Home),
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
async fn submit_answer(
    visit: Visit<'_>,
    form: Form,
    user: PageSession,
    Path(challenge): Path<String>,
) -> Result<Reply> {
    let choice = if form.get("deny") == "yes" {
        Choice::Deny
    } else {
        Choice::Number(form.get("number"))
    };
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    let submitted = ConfirmationAnswer {
        challenge: &challenge,
        choice,
    };
    let outcome = conn
        .transaction(async |conn| answer(conn, &user.own, submitted, &visit.client, &moment).await)
        .await;
    match outcome {
        Ok((id, outcome)) => {
            visit.live().nudge(user.own.account, &[Topic::Challenge(id)]);
            outcome_page(&user, outcome)
        }
        Err(error) if error.code == Code::Forbidden => Ok(visit.error(ErrorKind::Forbidden)),
        Err(error) => Err(error),
    }
}

fn outcome_page(user: &PageSession, outcome: ConfirmationOutcome) -> Result<Reply> {
    let locale = user.site.locale;
    let (heading, words) = match outcome {
        ConfirmationOutcome::Confirmed => (locale.text("confirm-done"), locale.text("confirm-done-text")),
        ConfirmationOutcome::Denied => (locale.text("confirm-denied"), locale.text("confirm-denied-text")),
        ConfirmationOutcome::WrongNumber => (
            locale.text("confirm-wrong-number"),
            locale.text("confirm-wrong-number-text"),
        ),
        ConfirmationOutcome::AlreadyEnded(_) => (
            locale.text("wait-ended"),
            locale.text("confirm-already-ended-text"),
        ),
    };
    let view = OutcomeView {
        layout: user.site.layout(),
        heading,
        words: words.to_string(),
        next: locale.text("continue"),
        next_href: &user.site.landing(user.session.section_or_home()),
    };
    Reply::view(200, &view, &view.layout)
}
