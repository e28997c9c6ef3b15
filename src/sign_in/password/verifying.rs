//! An attempt at a password: counted, compared, and what the comparison means. Known and unknown addresses take the same
//! statements and the same work.

use crate::base::actor::{Actor, Requester};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::sign_in::attempt::{self, Target};
use crate::sign_in::attempt_log::{Attempt, log_blocked, log_refused};
use crate::sign_in::password::hashing::{Password as Typed, Seat};
use crate::sign_in::password::model::Password;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::Holder;

/// Whose password is compared.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    Address(&'a EmailAddress),
    Holder(Holder),
}

/// What a password was compared with, and the result.
pub(crate) struct VerifiedPassword<'a> {
    pub attempt: Attempt<'a>,
    target: Target,
    person: Option<Person>,
    /// The stored password, unless one was set before the first proof of the mailbox.
    stored: Option<Password>,
    right: bool,
    failed_count: i32,
    /// The same password, hashed with the current strength.
    rehashed: Option<String>,
    /// Kept until the decision, so that as many sign-ins decide at once as compare.
    seat: Seat,
}

impl VerifiedPassword<'_> {
    /// To hash another password without waiting for a seat again.
    pub(crate) fn seat(&self) -> &Seat {
        &self.seat
    }
}

/// Counts the attempt, commits that, and compares with no connection held.
pub(crate) async fn compare<'a>(
    db: &Db,
    seat: Seat,
    attempt: Attempt<'a>,
    (whose, target): (Whose<'_>, Target),
    (typed, moment): (&Typed, &Moment),
) -> Result<Result<VerifiedPassword<'a>, Refusal>> {
    let account = attempt.account;
    let mut conn = db.conn().await?;
    let counted = (attempt::sign_in_source(attempt.client), target);
    let taken = attempt::take_both(&mut conn, account, counted, moment.now).await?;
    let person = match whose {
        Whose::Address(email) => Person::by_email(&mut conn, account, attempt.audience, email).await?,
        Whose::Holder(holder) => Person::find(&mut conn, account, holder).await?,
    };
    let failed_count = match taken {
        Ok(failed_count) => failed_count,
        Err(block) => {
            let holder = person.as_ref().map(Person::holder);
            log_blocked(&mut conn, &attempt, block.by, holder, moment).await?;
            return Ok(Err(block.into()));
        }
    };
    // For an unknown address a password is looked up too, so that it takes the same time.
    let holder = person.as_ref().map_or_else(|| moment.uuid(), Person::id);
    let stored = Password::find(&mut conn, account, holder).await?;
    drop(conn);
    let stored = stored.filter(|stored| person.as_ref().is_some_and(|person| person.trusts(stored.set_at)));
    let hash = stored.as_ref().map(|stored| &stored.hash[..]);
    let right = seat.verify(hash, typed).await?;
    let rehashed = rehash(&seat, hash.filter(|_| right), typed, moment).await?;
    Ok(Ok(VerifiedPassword {
        attempt,
        target,
        person,
        stored,
        right,
        failed_count,
        rehashed,
        seat,
    }))
}

async fn rehash(seat: &Seat, kept: Option<&str>, typed: &Typed, moment: &Moment) -> Result<Option<String>> {
    match kept {
        Some(kept) if seat.outdated(kept) => Ok(Some(seat.hash(typed, moment).await?)),
        _ => Ok(None),
    }
}

/// What a comparison means: the person, locked, whose failed attempts are forgotten; or the refusal, logged.
pub(crate) async fn settle(
    conn: &mut Conn,
    verified: VerifiedPassword<'_>,
    moment: &Moment,
) -> Result<Result<Person, Refusal>> {
    let VerifiedPassword {
        attempt,
        target,
        person,
        stored,
        right,
        failed_count,
        rehashed,
        seat: _seat,
    } = verified;
    if failed_count >= attempt::MOST && !right {
        disable(conn, &attempt, person.as_ref(), moment).await?;
    }
    let holder = person.as_ref().map(Person::holder);
    let Some((known, stored)) = person.zip(stored).filter(|_| right) else {
        return refuse(conn, &attempt, holder, Reason::InvalidCredentials, moment).await;
    };
    let locked = Person::lock(conn, attempt.account, known.holder()).await?;
    // Between the comparison and now the password may have been changed or stripped, or its owner removed; another sign-in may
    // have hashed it again, which makes no difference.
    let now = Password::find(conn, attempt.account, known.id()).await?;
    let same =
        (locked.zip(now)).filter(|(locked, now)| now.set_at == stored.set_at && locked.trusts(now.set_at));
    let Some((person, same)) = same else {
        return refuse(conn, &attempt, holder, Reason::InvalidCredentials, moment).await;
    };
    if same.disabled_at.is_some() {
        return refuse(conn, &attempt, holder, Reason::TooManyAttempts, moment).await;
    }
    attempt::forget(conn, attempt.account, target).await?;
    attempt::give_back_source(conn, attempt.account, attempt.client).await?;
    if let Some(hash) = rehashed {
        same.rehash(conn, &hash).await?;
    }
    Ok(Ok(person))
}

async fn refuse(
    conn: &mut Conn,
    attempt: &Attempt<'_>,
    holder: Option<Holder>,
    reason: Reason,
    moment: &Moment,
) -> Result<Result<Person, Refusal>> {
    log_refused(conn, attempt, holder, reason, moment).await?;
    Ok(Err(reason.into()))
}

/// After a hundred failed attempts in a row a password is disabled until it is reset by email (NIST SP 800-63B-4, 3.2.2).
async fn disable(
    conn: &mut Conn,
    attempt: &Attempt<'_>,
    person: Option<&Person>,
    moment: &Moment,
) -> Result<()> {
    let holder = person.map_or_else(|| moment.uuid(), Person::id);
    if !Password::disable(conn, attempt.account, holder, moment.now).await? {
        return Ok(());
    }
    let mut event = NewEvent::new(EventKind::PasswordDisabled).refused(Reason::TooManyAttempts.as_str());
    event.contact = person.and_then(|person| person.holder().contact());
    let requester = Requester {
        actor: Actor::Anonymous,
        client: attempt.client.clone(),
    };
    record(conn, attempt.account, &requester, &[event], moment).await
}
