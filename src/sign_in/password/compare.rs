//! An attempt at a password: it is counted and compared, and the comparison is evaluated. Known and unknown addresses take
//! the same statements and the same work.

use crate::base::actor::{Actor, Client, Requester, SignInMethod};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::sign_in::attempt::{self, Target, Targets};
use crate::sign_in::attempt_log::{SignInAttempt, log_blocked, log_refused};
use crate::sign_in::password::hashing::{HashingPermit, PlainPassword};
use crate::sign_in::password::model::{self, Password};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Holder;

/// Whose password is compared.
#[derive(Clone, Copy)]
pub(crate) enum PasswordOwner<'a> {
    Address(&'a EmailAddress),
    Holder(Holder),
}

/// A password to count and compare.
pub(crate) struct Comparison<'a, 'b> {
    pub attempt: SignInAttempt<'a>,
    pub owner: PasswordOwner<'b>,
    pub target: Target,
    pub password: &'b PlainPassword,
}

impl<'a, 'b> Comparison<'a, 'b> {
    /// A comparison with the password of a person who is signed in.
    pub(crate) fn of_holder(
        own: &OwnSession,
        person: &Person,
        client: &'a Client,
        password: &'b PlainPassword,
    ) -> Self {
        Self {
            attempt: SignInAttempt {
                account: own.account,
                audience: own.holder.audience(),
                method: SignInMethod::Password,
                client,
            },
            owner: PasswordOwner::Holder(own.holder),
            target: model::target_of(person),
            password,
        }
    }
}

/// The result of a comparison, right or wrong.
pub(crate) struct ComparedPassword<'a> {
    pub attempt: SignInAttempt<'a>,
    target: Target,
    person: Option<Person>,
    /// The stored password, unless one was set before the first proof of the mailbox.
    stored: Option<Password>,
    right: bool,
    failed_count: i32,
    /// The same password, hashed with the current strength.
    rehashed: Option<String>,
    /// Held until the evaluation, which limits how many evaluations run at once.
    permit: HashingPermit,
}

impl ComparedPassword<'_> {
    /// To hash another password without waiting for a permit again.
    pub(crate) fn permit(&self) -> &HashingPermit {
        &self.permit
    }
}

/// Counts the attempt, commits that, and compares with no connection held.
pub(crate) async fn compare<'a>(
    db: &Db,
    permit: HashingPermit,
    comparison: &Comparison<'a, '_>,
    moment: &Moment,
) -> Result<Result<ComparedPassword<'a>, Refusal>> {
    let (attempt, target) = (comparison.attempt, comparison.target);
    let account = attempt.account;
    let mut conn = db.conn().await?;
    let targets = Targets {
        source: attempt::sign_in_source(attempt.client),
        target,
    };
    let counted = attempt::count_source_and_target(&mut conn, account, targets, moment.now).await?;
    let person = match comparison.owner {
        PasswordOwner::Address(email) => {
            Person::by_email(&mut conn, account, attempt.audience, email).await?
        }
        PasswordOwner::Holder(holder) => Person::find(&mut conn, account, holder).await?,
    };
    let failed_count = match counted {
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
    let right = permit.verify(hash, comparison.password).await?;
    let rehashed = rehash(&permit, hash.filter(|_| right), comparison.password, moment).await?;
    Ok(Ok(ComparedPassword {
        attempt,
        target,
        person,
        stored,
        right,
        failed_count,
        rehashed,
        permit,
    }))
}

async fn rehash(
    permit: &HashingPermit,
    stored: Option<&str>,
    password: &PlainPassword,
    moment: &Moment,
) -> Result<Option<String>> {
    match stored {
        Some(stored) if permit.outdated(stored) => Ok(Some(permit.hash(password, moment).await?)),
        _ => Ok(None),
    }
}

/// Evaluates a comparison. A right password returns the person, locked, and resets the failed attempts; anything else returns
/// the refusal, logged.
pub(crate) async fn evaluate(
    conn: &mut Conn,
    compared: ComparedPassword<'_>,
    moment: &Moment,
) -> Result<Result<Person, Refusal>> {
    let ComparedPassword {
        attempt,
        target,
        person,
        stored,
        right,
        failed_count,
        rehashed,
        permit: _permit,
    } = compared;
    if failed_count >= attempt::MAX_ATTEMPTS && !right {
        disable(conn, &attempt, person.as_ref(), moment).await?;
    }
    let holder = person.as_ref().map(Person::holder);
    let Some((known, stored)) = person.zip(stored).filter(|_| right) else {
        return refuse(conn, &attempt, holder, Reason::InvalidCredentials, moment).await;
    };
    let locked = Person::lock(conn, attempt.account, known.holder()).await?;
    // Since the comparison the password may have been changed, or its owner removed, or the mailbox proved for the first
    // time. Another sign-in may have hashed it again, which makes no difference.
    let current = Password::find(conn, attempt.account, known.id()).await?;
    let unchanged = locked
        .zip(current)
        .filter(|(locked, current)| current.set_at == stored.set_at && locked.trusts(current.set_at));
    let Some((person, current)) = unchanged else {
        return refuse(conn, &attempt, holder, Reason::InvalidCredentials, moment).await;
    };
    if current.disabled_at.is_some() {
        return refuse(conn, &attempt, holder, Reason::TooManyAttempts, moment).await;
    }
    attempt::reset(conn, attempt.account, target).await?;
    attempt::refund_source(conn, attempt.account, attempt.client).await?;
    if let Some(hash) = rehashed {
        current.rehash(conn, &hash).await?;
    }
    Ok(Ok(person))
}

async fn refuse(
    conn: &mut Conn,
    attempt: &SignInAttempt<'_>,
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
    attempt: &SignInAttempt<'_>,
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
