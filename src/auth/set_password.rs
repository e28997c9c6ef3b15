//! Setting, changing and resetting a password. Each ends sessions that may not be its owner's, and tells the owner by mail.

use diesel_async::AsyncConnection;

use super::by_password::{Compared, Targets, Whose, settle};
use super::password::{Password as Typed, policy};
use super::refusal::{Reason, Refusal};
use super::sign_in::SignIn;
use super::viewer::{Acting, Actor, Client};
use crate::address::EmailAddress;
use crate::clock::Moment;
use crate::db::Conn;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, SessionId};
use crate::live::Topic;
use crate::models::account::Account;
use crate::models::attempt::{self, Target, Try};
use crate::models::audit::{EventKind, NewEvent, record};
use crate::models::contact::Contact;
use crate::models::entrance::Attempted;
use crate::models::message::MessageKind;
use crate::models::message::notice::{Notice, promise};
use crate::models::password::{self, Password};
use crate::models::password_reset::{PasswordReset, Wish};
use crate::models::person::Person;
use crate::models::session::{Audience, Holder, Session, SignInMethod};
use crate::secrets::PlainSecret;

/// Whoever is signed in, and by which session.
#[derive(Clone, Copy)]
pub struct SignedInAs<'a> {
    pub account: AccountId,
    pub holder: Holder,
    pub session: SessionId,
    pub client: &'a Client,
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
struct Done<'a> {
    kind: EventKind,
    /// The session that goes on.
    keep: Option<SessionId>,
    client: &'a Client,
}

impl SignIn {
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
        if !proved(&mut conn, who, &moment).await? {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        if let Some(refusal) = unfit(&mut conn, who.account, who.holder, &typed).await? {
            return Ok(Err(refusal));
        }
        drop(conn);
        let hash = self.passwords.seat().await?.hash(&typed, &moment).await?;
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
        if session.is_none_or(|session| session.section.is_some()) {
            return Ok(Err(Reason::StepUpRequired.into()));
        }
        if let Some(refusal) = unfit(&mut conn, who.account, who.holder, &typed).await? {
            return Ok(Err(refusal));
        }
        let person = Person::find(&mut conn, who.account, who.holder).await?;
        drop(conn);
        let key = person.as_ref().and_then(Person::email_key).unwrap_or_default();
        let targets = Targets {
            password: password::target(who.holder.audience(), key),
            source: Target::source("sign-in", who.client),
        };
        let whose = Whose::Holder(who.holder);
        let compared = match self
            .compare_password(who.account, targets, &current, whose, &moment)
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let hash = self.passwords.seat().await?.hash(&typed, &moment).await?;
        Ok(Ok(Prepared {
            hash,
            moment,
            current: Some((compared, targets)),
        }))
    }

    /// Mails a link to choose another password, if the address is somebody's. The answer is the same in any case.
    pub async fn request_reset(
        &self,
        account: &Account,
        audience: Audience,
        email: &EmailAddress,
        client: &Client,
    ) -> Result<()> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        if let Some(source) = Target::source("mails", client) {
            let taken = attempt::take_in_window(&mut conn, account.id, source, attempt::MAILS, moment.now);
            if let Try::Blocked { retry_after } = taken.await? {
                let words = "Too many mails were asked for from your network. Try again later.";
                return Err(Error::rate_limited(words, retry_after.unwrap_or(60)));
            }
        }
        let wish = Wish {
            account,
            audience,
            email,
            client,
        };
        conn.transaction(async |conn| -> Result<_> {
            PasswordReset::request(conn, &wish, &self.keys.reset, &moment).await
        })
        .await?;
        self.live.nudge(account.id, &[Topic::Activity, Topic::Messages]);
        Ok(())
    }

    /// Spends a reset's link. It ends all sessions and signs nobody in. `None`: it is done.
    pub async fn reset_password(
        &self,
        secret: &PlainSecret,
        new: NewPassword<'_>,
        client: &Client,
    ) -> Result<Option<Refusal>> {
        let typed = Typed::read(new.field, new.text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let reset = match standing(&mut conn, secret, &moment).await? {
            Ok(reset) => reset,
            Err(reason) => return Ok(Some(reason.into())),
        };
        let Some(holder) = reset.holder() else {
            return Ok(Some(Reason::LinkInvalid.into()));
        };
        let refusal = unfit(&mut conn, secret.account, holder, &typed).await?;
        drop(conn);
        if refusal.is_some() {
            return Ok(refusal);
        }
        let hash = self.passwords.seat().await?.hash(&typed, &moment).await?;
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> { spend(conn, &reset, &hash, client, &moment).await })
            .await?;
        Ok(self.announce(secret.account, done))
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
    if !proved(conn, who, moment).await? {
        return Ok(Err(Reason::StepUpRequired.into()));
    }
    let there = Password::of(conn, &person).await?;
    if there.is_some_and(|password| password.disabled_at.is_none()) {
        let words = "A password is set already. Change it with changePassword, or reset it by mail.";
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
    let attempted = Attempted {
        account: who.account,
        audience: who.holder.audience(),
        method: SignInMethod::Password,
        client: who.client,
    };
    let person = match settle(conn, &attempted, compared, targets, &prepared.moment).await? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let done = Done {
        kind: EventKind::PasswordChanged,
        keep: Some(who.session),
        client: who.client,
    };
    Ok(Ok(
        write(conn, &person, &prepared.hash, &done, &prepared.moment).await?
    ))
}

async fn proved(conn: &mut Conn, who: &SignedInAs<'_>, moment: &Moment) -> Result<bool> {
    let session = Session::find(conn, who.account, who.session).await?;
    Ok(session.is_some_and(|session| session.live(moment.now) && session.proved(moment.now)))
}

/// Why it can't be the person's password.
async fn unfit(
    conn: &mut Conn,
    account: AccountId,
    holder: Holder,
    typed: &Typed,
) -> Result<Option<Refusal>> {
    let account = Account::find(conn, account).await?;
    let Some(person) = Person::find(conn, account.id, holder).await? else {
        return Ok(Some(Reason::LinkInvalid.into()));
    };
    let names = policy::Names::of(&account, &person);
    Ok(policy::refusal(typed, account.shortest_password, &names).map(Refusal::from))
}

async fn standing(
    conn: &mut Conn,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<std::result::Result<PasswordReset, Reason>> {
    let Some(reset) = PasswordReset::by_secret(conn, secret).await? else {
        return Ok(Err(Reason::LinkInvalid));
    };
    Ok(match reset.refusal(moment.now) {
        Some(reason) => Err(reason),
        None => Ok(reset),
    })
}

async fn spend(
    conn: &mut Conn,
    reset: &PasswordReset,
    hash: &str,
    client: &Client,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let holder = reset.holder();
    let person = match holder {
        Some(holder) => Person::lock(conn, reset.account_id, holder).await?,
        None => None,
    };
    // The mail went to the address of then.
    let same = person.filter(|person| person.email_key() == Some(&reset.email_key));
    let Some(person) = same else {
        return Ok(Err(Reason::LinkRevoked.into()));
    };
    if person.revoked() {
        return Ok(Err(Reason::AccessRevoked.into()));
    }
    if !reset.spend(conn, moment.now).await? {
        return Ok(Err(Reason::LinkUsed.into()));
    }
    if let Person::Contact(contact) = &person {
        Contact::prove_mailbox(conn, contact.account_id, contact.id, moment.now).await?;
    }
    attempt::forget(
        conn,
        reset.account_id,
        password::target(reset.audience, &reset.email_key),
    )
    .await?;
    let done = Done {
        kind: EventKind::PasswordReset,
        keep: None,
        client,
    };
    Ok(Ok(write(conn, &person, hash, &done, moment).await?))
}

/// Writes the password of a person whose row is held, ends the other sessions, promises the mail that tells of it.
async fn write(
    conn: &mut Conn,
    person: &Person,
    hash: &str,
    done: &Done<'_>,
    moment: &Moment,
) -> Result<Vec<SessionId>> {
    Password::set(conn, person, hash, moment.now).await?;
    let (account, holder) = (person.account(), person.holder());
    let ended = match done.kind {
        EventKind::PasswordSet => Vec::new(),
        kind => Session::end_all(conn, account, holder, done.keep, kind.as_str(), moment.now).await?,
    };
    if let Some(address) = person.email() {
        let notice = Notice {
            kind: MessageKind::PasswordChanged,
            address,
            to: Some(holder),
            about: None,
            give_up_at: None,
            requested_by: Actor::System,
        };
        promise(conn, account, &notice, moment).await?;
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
    Ok(ended)
}
