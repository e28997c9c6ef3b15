//! Signing in with a password: [`verify`] counts the attempt and compares with no connection held, [`complete`] decides and
//! opens the session in the caller's transaction.

pub(crate) mod change;
pub(crate) mod emails;
pub(crate) mod graphql;
pub mod hashing;
pub mod model;
pub(crate) mod pages;
pub(crate) mod reset;
mod verifying;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Client, SignInMethod};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::sign_in::attempt_log::{Attempt, log_refused};
use crate::sign_in::context::SignInContext;
use crate::sign_in::open_session::{SessionTransport, SignedIn, issue_credential, open_session};
use crate::sign_in::password::hashing::Password as Typed;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::NewSession;

pub(crate) use verifying::{VerifiedPassword, Whose, compare, settle};

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
) -> Result<Result<VerifiedPassword<'a>, Refusal>> {
    let typed = Typed::read("input.password", attempt.password)?;
    let target = model::target(attempt.audience, &attempt.email.key);
    let of = Attempt {
        account: attempt.account,
        audience: attempt.audience,
        method: SignInMethod::Password,
        client: attempt.client,
    };
    let seat = context.passwords.seat().await?;
    let whose = (Whose::Address(attempt.email), target);
    compare(&context.db, seat, of, whose, (&typed, moment)).await
}

/// Signs in the person whose password was right, or logs why not.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    verified: VerifiedPassword<'_>,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let attempt = verified.attempt;
    let person = match settle(conn, verified, moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let allowed = Account::find(conn, attempt.account).await?.password_allowed;
    let barred = if person.revoked() {
        Some(Reason::AccessRevoked)
    } else {
        (!allowed).then_some(Reason::MethodDisabled)
    };
    if let Some(reason) = barred {
        log_refused(conn, &attempt, Some(person.holder()), reason, moment).await?;
        return Ok(Err(reason.into()));
    }
    let (holder, method) = (person.holder(), SignInMethod::Password);
    let new = NewSession {
        browser: transport.browser_hash(),
        ..NewSession::new(attempt.account, holder, method, attempt.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let landing = (PortalSection::Home, person.role());
    let signed_in = issue_credential(conn, &context.keys, session, transport, landing, moment);
    Ok(Ok(signed_in.await?))
}

/// The first half of a step-up: counts and compares the password of the session's holder, as [`verify`] does.
pub(crate) async fn verify_step_up<'a>(
    context: &SignInContext,
    own: &OwnSession,
    password: &str,
    client: &'a Client,
) -> Result<Result<VerifiedPassword<'a>, Refusal>> {
    let typed = Typed::read("input.password", password)?;
    let moment = context.clock.moment();
    let mut conn = context.db.conn().await?;
    let person = Person::find(&mut conn, own.account, own.holder).await?;
    drop(conn);
    let person = person.ok_or_else(Error::unauthenticated)?;
    let attempt = Attempt {
        account: own.account,
        audience: own.holder.audience(),
        method: SignInMethod::Password,
        client,
    };
    let seat = context.passwords.seat().await?;
    let whose = (Whose::Holder(own.holder), model::target_of(&person));
    compare(&context.db, seat, attempt, whose, (&typed, &moment)).await
}

/// Whether the password proves who the session's holder is. No session is opened.
pub(crate) async fn complete_step_up(
    conn: &mut Conn,
    verified: VerifiedPassword<'_>,
    moment: &Moment,
) -> Result<Result<(), Refusal>> {
    let attempt = verified.attempt;
    let person = match settle(conn, verified, moment).await? {
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
