//! Setting and changing a password; resetting it is in `reset.rs`. Each change ends the sessions that may not be the
//! owner's and notifies the owner by email.

use crate::accounts::model::Account;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SessionId;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::attempt;
use crate::sign_in::context::SignInContext;
use crate::sign_in::password::hashing::{HashingPermit, PlainPassword, policy};
use crate::sign_in::password::model::{self, Password};
use crate::sign_in::password::{ComparedPassword, Comparison, compare, evaluate};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Session, SessionSelection};

/// A password from a form or an input.
#[derive(Clone, Copy)]
pub(crate) struct PasswordField<'a> {
    /// The name of the field in errors.
    pub field: &'a str,
    pub text: &'a str,
}

/// A password that may be set, hashed with no connection held.
pub(crate) struct HashedPassword(String);

/// A request to change a password.
#[derive(Clone, Copy)]
pub(crate) struct ChangeRequest<'a> {
    pub own: &'a OwnSession,
    pub current: PasswordField<'a>,
    pub new: PasswordField<'a>,
    pub client: &'a Client,
}

/// A new password that may be set, and the comparison with the current one.
pub(crate) struct VerifiedChange<'a> {
    current: ComparedPassword<'a>,
    new: HashedPassword,
}

/// How a password was changed.
pub(crate) struct PasswordChange<'a> {
    pub kind: EventKind,
    /// The session that stays open.
    pub keep: Option<SessionId>,
    pub client: &'a Client,
}

/// Prepares setting a first password: checks for an unrestricted session with a fresh proof that staff has not seen, and
/// whether the password is allowed. [`set`] follows.
pub(crate) async fn verify_set(
    context: &SignInContext,
    own: &OwnSession,
    new: PasswordField<'_>,
    moment: &Moment,
) -> Result<Result<HashedPassword, Refusal>> {
    let password = PlainPassword::parse(new.field, new.text)?;
    let mut conn = context.db.conn().await?;
    let person = find_holder(&mut conn, own).await?;
    if !has_fresh_proof(&mut conn, own, &person, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    drop(conn);
    let permit = context.password_hasher.permit().await?;
    hash_if_allowed(context, &permit, &person, &password, moment).await
}

/// Prepares changing a password: the current one is counted and compared as in a sign-in. [`change`] follows.
pub(crate) async fn verify_change<'a>(
    context: &SignInContext,
    request: &ChangeRequest<'a>,
    moment: &Moment,
) -> Result<Result<VerifiedChange<'a>, Refusal>> {
    let own = request.own;
    let new = PlainPassword::parse(request.new.field, request.new.text)?;
    let current = PlainPassword::parse(request.current.field, request.current.text)?;
    let mut conn = context.db.conn().await?;
    let session = Session::find(&mut conn, own.account, own.id).await?;
    if !session.is_some_and(|session| session.section.is_none() && session.live(moment.now)) {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    let person = find_holder(&mut conn, own).await?;
    drop(conn);
    let permit = context.password_hasher.permit().await?;
    if let Some(refusal) = policy_refusal(context, &permit, &person, &new).await? {
        return Ok(Err(refusal));
    }
    let comparison = Comparison::of_holder(own, &person, request.client, &current);
    let compared = compare(&context.db, permit, &comparison, moment).await?;
    let current = match compared {
        Ok(compared) => compared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // With the same permit: a caller who knows the password does not lose an attempt because all permits are taken.
    let new = HashedPassword(current.permit().hash(&new, moment).await?);
    Ok(Ok(VerifiedChange { current, new }))
}

/// Hashes a password if the policy allows it. Both steps take a while: no connection is held.
pub(crate) async fn hash_if_allowed(
    context: &SignInContext,
    permit: &HashingPermit,
    person: &Person,
    password: &PlainPassword,
    moment: &Moment,
) -> Result<Result<HashedPassword, Refusal>> {
    if let Some(refusal) = policy_refusal(context, permit, person, password).await? {
        return Ok(Err(refusal));
    }
    Ok(Ok(HashedPassword(permit.hash(password, moment).await?)))
}

/// Why the policy does not allow a password.
async fn policy_refusal(
    context: &SignInContext,
    permit: &HashingPermit,
    person: &Person,
    password: &PlainPassword,
) -> Result<Option<Refusal>> {
    let account = Account::find(&mut context.db.conn().await?, person.account()).await?;
    let names = policy::Names::of(&account, person);
    let refusal = permit.refusal(password, account.shortest_password, names).await?;
    Ok(refusal.map(Refusal::from))
}

/// Sets the password; the caller nudges for the sessions that ended.
pub(crate) async fn set(
    conn: &mut Conn,
    own: &OwnSession,
    client: &Client,
    hashed: &HashedPassword,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let person = Person::lock(conn, own.account, own.holder)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    if !has_fresh_proof(conn, own, &person, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    if let Some(reason) = method_disabled(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    // A disabled password counts too: only a reset by email replaces it.
    if Password::of(conn, &person).await?.is_some() {
        let message = "A password is already set. Change it with changePassword, or reset it by email.";
        return Err(Error::new(Code::Conflict, message));
    }
    let change = PasswordChange {
        kind: EventKind::PasswordSet,
        keep: Some(own.id),
        client,
    };
    Ok(Ok(save(conn, &person, hashed, &change, moment).await?))
}

/// Changes the password and ends all other sessions, for which the caller nudges.
pub(crate) async fn change(
    conn: &mut Conn,
    own: &OwnSession,
    verified: VerifiedChange<'_>,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let client = verified.current.attempt.client;
    let person = match evaluate(conn, verified.current, moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(reason) = method_disabled(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    let change = PasswordChange {
        kind: EventKind::PasswordChanged,
        keep: Some(own.id),
        client,
    };
    Ok(Ok(save(conn, &person, &verified.new, &change, moment).await?))
}

/// The refusal if the account has turned passwords off.
pub(crate) async fn method_disabled(conn: &mut Conn, person: &Person) -> Result<Option<Reason>> {
    let allowed = Account::find(conn, person.account()).await?.password_allowed;
    Ok((!allowed).then_some(Reason::MethodDisabled))
}

async fn find_holder(conn: &mut Conn, own: &OwnSession) -> Result<Person> {
    let person = Person::find(conn, own.account, own.holder).await?;
    person.ok_or_else(Error::unauthenticated)
}

async fn has_fresh_proof(
    conn: &mut Conn,
    own: &OwnSession,
    person: &Person,
    moment: &Moment,
) -> Result<bool> {
    let session = Session::find(conn, own.account, own.id).await?;
    Ok(
        session
            .is_some_and(|session| session.live(moment.now) && session.has_fresh_proof(person, moment.now)),
    )
}

/// Saves the password of a person whose row is locked, ends the other sessions, and queues the notice by email.
pub(crate) async fn save(
    conn: &mut Conn,
    person: &Person,
    hashed: &HashedPassword,
    change: &PasswordChange<'_>,
    moment: &Moment,
) -> Result<Vec<SessionId>> {
    Password::set(conn, person, &hashed.0, moment.now).await?;
    // The failed attempts were at another password, or at none.
    attempt::reset(conn, person.account(), model::target_of(person)).await?;
    let (account, holder) = (person.account(), person.holder());
    let ended: Vec<Session> = match change.kind {
        EventKind::PasswordSet => Vec::new(),
        kind => {
            let selection = match change.keep {
                Some(keep) => SessionSelection::AllExcept(keep, holder),
                None => SessionSelection::AllOf(holder),
            };
            Session::end_selected(conn, account, selection, kind.as_str(), moment.now).await?
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
