//! Setting and changing a password; resetting it is in `reset.rs`. Each ends the sessions that may not be its owner's, and
//! tells the owner by email.

use crate::accounts::model::Account;
use crate::base::actor::{Actor, Client, Requester, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SessionId;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::attempt;
use crate::sign_in::attempt_log::Attempt;
use crate::sign_in::context::SignInContext;
use crate::sign_in::password::hashing::{Password as Typed, Seat, policy};
use crate::sign_in::password::model::{self, Password};
use crate::sign_in::password::{VerifiedPassword, Whose, compare, settle};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Session, Which};

/// A password from a form or an input.
#[derive(Clone, Copy)]
pub(crate) struct PasswordField<'a> {
    /// What an error names.
    pub field: &'a str,
    pub text: &'a str,
}

/// A password that may be set, hashed with no connection held.
pub(crate) struct HashedPassword(String);

/// A new password that may be set, and the comparison with the current one.
pub(crate) struct VerifiedChange<'a> {
    current: VerifiedPassword<'a>,
    new: HashedPassword,
}

/// What happened to a password.
pub(crate) struct PasswordChange<'a> {
    pub kind: EventKind,
    /// The session that stays.
    pub keep: Option<SessionId>,
    pub client: &'a Client,
}

/// The first half of setting a password if there is none: checks for an unrestricted session with a fresh proof that staff has
/// not seen, and whether the password is allowed. [`set`] is the other half.
pub(crate) async fn verify_set(
    context: &SignInContext,
    own: &OwnSession,
    new: PasswordField<'_>,
    moment: &Moment,
) -> Result<Result<HashedPassword, Refusal>> {
    let typed = Typed::read(new.field, new.text)?;
    let mut conn = context.db.conn().await?;
    let person = holder(&mut conn, own).await?;
    if !proved(&mut conn, own, &person, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    drop(conn);
    let seat = context.passwords.seat().await?;
    hash_allowed(context, &seat, &person, (&typed, moment)).await
}

/// The first half of changing a password: the current one is counted and compared as at a sign-in. [`change`] is the other
/// half.
pub(crate) async fn verify_change<'a>(
    context: &SignInContext,
    (own, client): (&OwnSession, &'a Client),
    (current, new): (PasswordField<'_>, PasswordField<'_>),
    moment: &Moment,
) -> Result<Result<VerifiedChange<'a>, Refusal>> {
    let typed = Typed::read(new.field, new.text)?;
    let current = Typed::read(current.field, current.text)?;
    let mut conn = context.db.conn().await?;
    let session = Session::find(&mut conn, own.account, own.id).await?;
    if !session.is_some_and(|session| session.section.is_none() && session.live(moment.now)) {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    let person = holder(&mut conn, own).await?;
    drop(conn);
    let seat = context.passwords.seat().await?;
    if let Some(refusal) = policy_refusal(context, &seat, &person, &typed).await? {
        return Ok(Err(refusal));
    }
    let attempt = Attempt {
        account: own.account,
        audience: own.holder.audience(),
        method: SignInMethod::Password,
        client,
    };
    let whose = (Whose::Holder(own.holder), model::target_of(&person));
    let compared = compare(&context.db, seat, attempt, whose, (&current, moment)).await?;
    let current = match compared {
        Ok(compared) => compared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // With the same seat: a caller who knows the password does not lose an attempt because all seats are taken.
    let new = HashedPassword(current.seat().hash(&typed, moment).await?);
    Ok(Ok(VerifiedChange { current, new }))
}

/// The hash of a password, if the policy allows it. Both take a while: no connection is held.
pub(crate) async fn hash_allowed(
    context: &SignInContext,
    seat: &Seat,
    person: &Person,
    (typed, moment): (&Typed, &Moment),
) -> Result<Result<HashedPassword, Refusal>> {
    if let Some(refusal) = policy_refusal(context, seat, person, typed).await? {
        return Ok(Err(refusal));
    }
    Ok(Ok(HashedPassword(seat.hash(typed, moment).await?)))
}

/// Why the policy does not allow a password.
async fn policy_refusal(
    context: &SignInContext,
    seat: &Seat,
    person: &Person,
    typed: &Typed,
) -> Result<Option<Refusal>> {
    let account = Account::find(&mut context.db.conn().await?, person.account()).await?;
    let names = policy::Names::of(&account, person);
    let refusal = seat.refusal(typed, account.shortest_password, names).await?;
    Ok(refusal.map(Refusal::from))
}

/// Sets the password; the caller nudges for the sessions that ended.
pub(crate) async fn set(
    conn: &mut Conn,
    (own, client): (&OwnSession, &Client),
    hashed: &HashedPassword,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let person = Person::lock(conn, own.account, own.holder)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    if !proved(conn, own, &person, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    if let Some(reason) = barred(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    // A disabled one counts too: only a reset by email replaces it.
    if Password::of(conn, &person).await?.is_some() {
        let words = "A password is already set. Change it with changePassword, or reset it by email.";
        return Err(Error::new(Code::Conflict, words));
    }
    let change = PasswordChange {
        kind: EventKind::PasswordSet,
        keep: Some(own.id),
        client,
    };
    Ok(Ok(write(conn, &person, hashed, &change, moment).await?))
}

/// Changes the password and ends all other sessions, for which the caller nudges.
pub(crate) async fn change(
    conn: &mut Conn,
    own: &OwnSession,
    verified: VerifiedChange<'_>,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let client = verified.current.attempt.client;
    let person = match settle(conn, verified.current, moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(reason) = barred(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    let change = PasswordChange {
        kind: EventKind::PasswordChanged,
        keep: Some(own.id),
        client,
    };
    Ok(Ok(write(conn, &person, &verified.new, &change, moment).await?))
}

/// Whether the account has turned passwords off.
pub(crate) async fn barred(conn: &mut Conn, person: &Person) -> Result<Option<Reason>> {
    let allowed = Account::find(conn, person.account()).await?.password_allowed;
    Ok((!allowed).then_some(Reason::MethodDisabled))
}

async fn holder(conn: &mut Conn, own: &OwnSession) -> Result<Person> {
    let person = Person::find(conn, own.account, own.holder).await?;
    person.ok_or_else(Error::unauthenticated)
}

async fn proved(conn: &mut Conn, own: &OwnSession, person: &Person, moment: &Moment) -> Result<bool> {
    let session = Session::find(conn, own.account, own.id).await?;
    Ok(session.is_some_and(|session| session.live(moment.now) && session.proved(person, moment.now)))
}

/// Writes the password of a person whose row is locked, ends the other sessions, and queues the email about it.
pub(crate) async fn write(
    conn: &mut Conn,
    person: &Person,
    hashed: &HashedPassword,
    change: &PasswordChange<'_>,
    moment: &Moment,
) -> Result<Vec<SessionId>> {
    Password::set(conn, person, &hashed.0, moment.now).await?;
    // The failed attempts were at another password, or at none.
    attempt::forget(conn, person.account(), model::target_of(person)).await?;
    let (account, holder) = (person.account(), person.holder());
    let ended: Vec<Session> = match change.kind {
        EventKind::PasswordSet => Vec::new(),
        kind => {
            let which = change
                .keep
                .map_or(Which::AllOf(holder), |keep| Which::AllBut(keep, holder));
            Session::end_those(conn, account, which, kind.as_str(), moment.now).await?
        }
    };
    if let Some(address) = person.email() {
        let message = NewMessage::new(MessageKind::PasswordChanged, address, Some(holder));
        Message::queue(conn, account, &message, Actor::System, moment).await?;
    }
    let requester = Requester {
        actor: person.actor(),
        client: change.client.clone(),
    };
    let event = NewEvent {
        contact: holder.contact(),
        ..NewEvent::new(change.kind)
    };
    record(conn, account, &requester, &[event], moment).await?;
    Ok(ended.into_iter().map(|session| session.id).collect())
}
