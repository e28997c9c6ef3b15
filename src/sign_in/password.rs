//! Signing in with a password: [`verify`] counts the attempt and compares with no connection held; [`complete`] evaluates the
//! comparison and opens the session in the caller's transaction.

pub(crate) mod change;
mod compare;
pub(crate) mod emails;
pub(crate) mod graphql;
pub mod hashing;
pub mod model;
pub(crate) mod pages;
pub(crate) mod reset;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Client, SignInMethod};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::sign_in::attempt_log::{SignInAttempt, log_refused};
use crate::sign_in::context::SignInContext;
use crate::sign_in::open_session::{
    OpenedSession, SessionTransport, SignedIn, issue_credential, open_session,
};
use crate::sign_in::password::hashing::PlainPassword;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::NewSession;

pub(crate) use compare::{ComparedPassword, Comparison, PasswordOwner, compare, evaluate};

#[derive(Clone, Copy)]
pub(crate) struct PasswordAttempt<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub password: &'a str,
    pub client: &'a Client,
}

/// Counts the attempt, commits that, and compares with no connection held.
pub(crate) async fn verify<'a>(
    context: &SignInContext,
    attempt: &PasswordAttempt<'a>,
    moment: &Moment,
) -> Result<Result<ComparedPassword<'a>, Refusal>> {
    let comparison = Comparison {
        attempt: SignInAttempt {
            account: attempt.account,
            audience: attempt.audience,
            method: SignInMethod::Password,
            client: attempt.client,
        },
        owner: PasswordOwner::Address(attempt.email),
        target: model::target(attempt.audience, &attempt.email.key),
        password: &PlainPassword::parse("input.password", attempt.password)?,
    };
    let permit = context.password_hasher.permit().await?;
    compare(&context.db, permit, &comparison, moment).await
}

/// Signs in the person whose password was right, or logs why not.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    compared: ComparedPassword<'_>,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let attempt = compared.attempt;
    let person = match evaluate(conn, compared, moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let allowed = Account::find(conn, attempt.account).await?.password_allowed;
    let refusal = if person.revoked() {
        Some(Reason::AccessRevoked)
    } else {
        (!allowed).then_some(Reason::MethodDisabled)
    };
    if let Some(reason) = refusal {
        log_refused(conn, &attempt, Some(person.holder()), reason, moment).await?;
        return Ok(Err(reason.into()));
    }
    let (holder, method) = (person.holder(), SignInMethod::Password);
    let new = NewSession {
        browser: transport.browser_hash(),
        ..NewSession::new(attempt.account, holder, method, attempt.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let opened = OpenedSession {
        session,
        section: PortalSection::Home,
        role: person.role(),
    };
    let signed_in = issue_credential(conn, &context.keys, opened, transport, moment);
    Ok(Ok(signed_in.await?))
}

/// Counts and compares the password of the session's holder for a step-up, as [`verify`] does. [`complete_step_up`] follows.
pub(crate) async fn verify_step_up<'a>(
    context: &SignInContext,
    own: &OwnSession,
    password: &str,
    client: &'a Client,
) -> Result<Result<ComparedPassword<'a>, Refusal>> {
    let password = PlainPassword::parse("input.password", password)?;
    let moment = context.clock.moment();
    let mut conn = context.db.conn().await?;
    let person = Person::find(&mut conn, own.account, own.holder).await?;
    drop(conn);
    let person = person.ok_or_else(Error::unauthenticated)?;
    let comparison = Comparison::of_holder(own, &person, client, &password);
    let permit = context.password_hasher.permit().await?;
    compare(&context.db, permit, &comparison, &moment).await
}

/// Whether the password proves who the session's holder is. No session is opened.
pub(crate) async fn complete_step_up(
    conn: &mut Conn,
    compared: ComparedPassword<'_>,
    moment: &Moment,
) -> Result<Result<(), Refusal>> {
    let attempt = compared.attempt;
    let person = match evaluate(conn, compared, moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if Account::find(conn, attempt.account).await?.password_allowed {
        return Ok(Ok(()));
    }
    let reason = Reason::MethodDisabled;
    log_refused(conn, &attempt, Some(person.holder()), reason, moment).await?;
    Ok(Err(reason.into()))
}
