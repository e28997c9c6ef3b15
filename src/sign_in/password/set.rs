//! Setting and changing a password; resetting it is in `reset_password.rs`. Each ends sessions that may not be its owner's, and tells the owner by mail.

use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Acting, Actor, Client};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::live::Topic;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::attempt;
use crate::sign_in::open_session::Attempted;
use crate::sign_in::password::hashing::{Password as Typed, Seat, policy};
use crate::sign_in::password::model as password;
use crate::sign_in::password::model::Password;
use crate::sign_in::password::{Compared, Targets, Whose, settle};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::SignIn;
use crate::sign_in::sessions::model::{Holder, Session, Which};

/// Whoever is signed in, and by which session.
#[derive(Clone, Copy)]
pub struct SignedInAs<'a> {
    pub account: AccountId,
    pub holder: Holder,
    pub session: SessionId,
    pub client: &'a Client,
}

impl<'a> SignedInAs<'a> {
    fn attempted(&self) -> Attempted<'a> {
        Attempted {
            account: self.account,
            audience: self.holder.audience(),
            method: SignInMethod::Password,
            client: self.client,
        }
    }
}

/// A new password, and the field that an error names.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    pub field: &'a str,
    pub text: &'a str,
}

/// A password that may be set, hashed with no connection held.
pub struct Prepared {
    pub moment: Moment,
    hash: String,
    /// How the current one compared, where there is one.
    current: Option<(Compared, Targets)>,
}

/// What was done to a password.
pub(crate) struct Done<'a> {
    pub kind: EventKind,
    /// The session that goes on.
    pub keep: Option<SessionId>,
    pub client: &'a Client,
}

impl SignIn {
    /// Sets one where none is set; for a page. `None`: it is done.
    pub async fn set_password(&self, who: &SignedInAs<'_>, new: NewPassword<'_>) -> Result<Option<Refusal>> {
        let prepared = match self.prepare_set(who, new).await? {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> { set(conn, who, &prepared).await })
            .await?;
        Ok(self.announce(who.account, done))
    }

    /// Changes it and ends the other sessions; for a page. `None`: it is done.
    pub async fn change_password(
        &self,
        who: &SignedInAs<'_>,
        current: NewPassword<'_>,
        new: NewPassword<'_>,
    ) -> Result<Option<Refusal>> {
        let prepared = match self.prepare_change(who, current, new).await? {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> { change(conn, who, prepared).await })
            .await?;
        Ok(self.announce(who.account, done))
    }

    /// The first half of setting one where none is set: a whole session with a fresh proof that staff has not seen, and a
    /// password that may be one. [`set`] is the other half, in the caller's transaction.
    pub async fn prepare_set(
        &self,
        who: &SignedInAs<'_>,
        new: NewPassword<'_>,
    ) -> Result<Result<Prepared, Refusal>> {
        let typed = Typed::read(new.field, new.text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let person = own(&mut conn, who).await?;
        if !proved(&mut conn, who, &person, &moment).await? {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        drop(conn);
        let seat = self.passwords.seat().await?;
        if let Some(refusal) = self.unfit(&seat, &person, &typed).await? {
            return Ok(Err(refusal));
        }
        let hash = seat.hash(&typed, &moment).await?;
        Ok(Ok(Prepared {
            hash,
            moment,
            current: None,
        }))
    }

    /// The first half of changing one: the current one is counted and compared as at a sign-in. [`change`] is the other.
    pub async fn prepare_change(
        &self,
        who: &SignedInAs<'_>,
        current: NewPassword<'_>,
        new: NewPassword<'_>,
    ) -> Result<Result<Prepared, Refusal>> {
        let typed = Typed::read(new.field, new.text)?;
        let current = Typed::read(current.field, current.text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let session = Session::find(&mut conn, who.account, who.session).await?;
        if !session.is_some_and(|session| session.section.is_none() && session.live(moment.now)) {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        let person = own(&mut conn, who).await?;
        drop(conn);
        let seat = self.passwords.seat().await?;
        if let Some(refusal) = self.unfit(&seat, &person, &typed).await? {
            return Ok(Err(refusal));
        }
        let targets = Targets::of(password::target_of(&person), who.client);
        let whose = (Whose::Holder(who.holder), targets);
        let compared = match self
            .compare_password(&seat, &who.attempted(), whose, &current, &moment)
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // With the same seat: who knows the password does not lose a try because the house is full.
        let hash = seat.hash(&typed, &moment).await?;
        Ok(Ok(Prepared {
            hash,
            moment,
            current: Some((compared, targets)),
        }))
    }

    /// Why it can't be the person's password. The look at it takes a while: no connection is held.
    pub(crate) async fn unfit(&self, seat: &Seat, person: &Person, typed: &Typed) -> Result<Option<Refusal>> {
        let account = Account::find(&mut self.db.conn().await?, person.account()).await?;
        let names = policy::Names::of(&account, person);
        let refusal = seat.refusal(typed, account.shortest_password, names).await?;
        Ok(refusal.map(Refusal::from))
    }

    /// After the commit: those whose sessions ended learn it at once.
    pub fn announce(&self, account: AccountId, done: Result<Vec<SessionId>, Refusal>) -> Option<Refusal> {
        match done {
            Err(refusal) => Some(refusal),
            Ok(ended) => {
                let mut topics = vec![Topic::Activity, Topic::Messages];
                topics.extend(ended.into_iter().map(|session| Topic::Revoked(session.0)));
                self.live.nudge(account, &topics);
                None
            }
        }
    }
}

/// The other half of [`SignIn::prepare_set`].
pub async fn set(
    conn: &mut Conn,
    who: &SignedInAs<'_>,
    prepared: &Prepared,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let moment = &prepared.moment;
    let person = Person::lock(conn, who.account, who.holder)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    if !proved(conn, who, &person, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    if let Some(reason) = barred(conn, who.account).await? {
        return Ok(Err(reason.into()));
    }
    // A disabled one is there too: it takes a reset by mail.
    if Password::of(conn, &person).await?.is_some() {
        let words = "A password is already set. Change it with changePassword, or reset it by email.";
        return Err(Error::new(Code::Conflict, words));
    }
    let done = Done {
        kind: EventKind::PasswordSet,
        keep: Some(who.session),
        client: who.client,
    };
    Ok(Ok(write(conn, &person, &prepared.hash, &done, moment).await?))
}

/// The other half of [`SignIn::prepare_change`]. All other sessions end.
pub async fn change(
    conn: &mut Conn,
    who: &SignedInAs<'_>,
    prepared: Prepared,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let Some((compared, targets)) = prepared.current else {
        return Err(Error::internal("the current password was not compared"));
    };
    let person = match settle(conn, &who.attempted(), compared, targets, &prepared.moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(reason) = barred(conn, who.account).await? {
        return Ok(Err(reason.into()));
    }
    let done = Done {
        kind: EventKind::PasswordChanged,
        keep: Some(who.session),
        client: who.client,
    };
    Ok(Ok(
        write(conn, &person, &prepared.hash, &done, &prepared.moment).await?
    ))
}

/// Whether the account has switched passwords off.
pub(crate) async fn barred(conn: &mut Conn, account: AccountId) -> Result<Option<Reason>> {
    let allowed = Account::find(conn, account).await?.password_allowed;
    Ok((!allowed).then_some(Reason::MethodDisabled))
}

async fn own(conn: &mut Conn, who: &SignedInAs<'_>) -> Result<Person> {
    let person = Person::find(conn, who.account, who.holder).await?;
    person.ok_or_else(Error::unauthenticated)
}

async fn proved(conn: &mut Conn, who: &SignedInAs<'_>, person: &Person, moment: &Moment) -> Result<bool> {
    let session = Session::find(conn, who.account, who.session).await?;
    Ok(session.is_some_and(|session| session.live(moment.now) && session.proved(person, moment.now)))
}

/// Writes the password of a person whose row is held, ends the other sessions, promises the mail that tells of it.
pub(crate) async fn write(
    conn: &mut Conn,
    person: &Person,
    hash: &str,
    done: &Done<'_>,
    moment: &Moment,
) -> Result<Vec<SessionId>> {
    Password::set(conn, person, hash, moment.now).await?;
    // The failed ones were tries at another password, or at none.
    attempt::forget(conn, person.account(), password::target_of(person)).await?;
    let (account, holder) = (person.account(), person.holder());
    let ended: Vec<Session> = match done.kind {
        EventKind::PasswordSet => Vec::new(),
        kind => {
            let which = done
                .keep
                .map_or(Which::AllOf(holder), |keep| Which::AllBut(keep, holder));
            Session::end_those(conn, account, which, kind.as_str(), moment.now).await?
        }
    };
    if let Some(address) = person.email() {
        let message = NewMessage::new(MessageKind::PasswordChanged, address, Some(holder));
        Message::queue(conn, account, &message, Actor::System, moment).await?;
    }
    let acting = Acting {
        actor: person.actor(),
        client: done.client.clone(),
    };
    let event = NewEvent {
        contact: holder.contact(),
        ..NewEvent::of(done.kind)
    };
    record(conn, account, &acting, &[event], moment).await?;
    Ok(ended.into_iter().map(|session| session.id).collect())
}
