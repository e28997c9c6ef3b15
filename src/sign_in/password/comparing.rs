//! A try at a password: counted, compared, and what the comparison means. Known and unknown addresses take the same
//! statements and the same work.

use crate::base::actor::{Acting, Actor, Client};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::sign_in::attempt;
use crate::sign_in::attempt::Target;
use crate::sign_in::open_session::{Attempted, blocked, refused};
use crate::sign_in::password::hashing::{Password as Typed, Seat};
use crate::sign_in::password::model::Password;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::SignIn;
use crate::sign_in::sessions::model::Holder;

/// Whose password is compared.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    Address(&'a EmailAddress),
    Holder(Holder),
}

/// What a password was compared with, and how it went.
pub(crate) struct Compared {
    pub person: Option<Person>,
    /// The one that counts; none where there is none, or another one was set meanwhile.
    pub kept: Option<Password>,
    pub right: bool,
    pub failed_count: i32,
    /// The same password with as much work as is usual now.
    pub rehashed: Option<String>,
}

/// Which tries are counted against.
#[derive(Clone, Copy)]
pub(crate) struct Targets {
    pub password: Target,
    pub source: Option<Target>,
}

impl Targets {
    pub(crate) fn of(password: Target, client: &Client) -> Self {
        Self {
            password,
            source: Target::source("sign-in", client),
        }
    }
}

impl SignIn {
    /// Counts the try, commits that, and compares with no connection held.
    pub(crate) async fn compare_password(
        &self,
        seat: &Seat,
        attempted: &Attempted<'_>,
        (whose, targets): (Whose<'_>, Targets),
        typed: &Typed,
        moment: &Moment,
    ) -> Result<Result<Compared, Refusal>> {
        let account = attempted.account;
        let mut conn = self.db.conn().await?;
        let counted = (targets.source, targets.password);
        let taken = attempt::take_both(&mut conn, account, counted, moment.now).await?;
        let person = match whose {
            Whose::Address(email) => Person::by_email(&mut conn, account, attempted.audience, email).await?,
            Whose::Holder(holder) => Person::find(&mut conn, account, holder).await?,
        };
        let failed_count = match taken {
            Ok(failed_count) => failed_count,
            Err(block) => {
                blocked(&mut conn, attempted, block.by, person.as_ref(), moment).await?;
                return Ok(Err(block.into()));
            }
        };
        // Nobody has a password either, and it is looked for as anybody's.
        let holder = person.as_ref().map_or_else(|| moment.uuid(), Person::id);
        let kept = Password::find(&mut conn, account, holder).await?;
        drop(conn);
        let kept = kept.filter(|kept| person.as_ref().is_some_and(|person| person.trusts(kept.set_at)));
        let hash = kept.as_ref().map(|kept| &kept.hash[..]);
        let right = seat.verify(hash, typed).await?;
        let rehashed = rehash(seat, hash.filter(|_| right), typed, moment).await?;
        Ok(Ok(Compared {
            person,
            kept,
            right,
            failed_count,
            rehashed,
        }))
    }
}

async fn rehash(seat: &Seat, kept: Option<&str>, typed: &Typed, moment: &Moment) -> Result<Option<String>> {
    match kept {
        Some(kept) if seat.outdated(kept) => Ok(Some(seat.hash(typed, moment).await?)),
        _ => Ok(None),
    }
}

/// What a comparison means: the person, held, whose tries are forgotten; or the refusal, noted.
pub(crate) async fn settle(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    compared: Compared,
    targets: Targets,
    moment: &Moment,
) -> Result<Result<Person, Refusal>> {
    let Compared {
        person,
        kept,
        right,
        failed_count,
        rehashed,
    } = compared;
    if failed_count >= attempt::MOST && !right {
        disable(conn, attempted, person.as_ref(), moment).await?;
    }
    let known = person.as_ref().zip(kept).filter(|_| right);
    let Some((known, kept)) = known else {
        let reason = Reason::InvalidCredentials;
        refused(conn, attempted, person.as_ref(), reason, moment).await?;
        return Ok(Err(reason.into()));
    };
    let held = Person::lock(conn, attempted.account, known.holder()).await?;
    // Between the comparison and now it may have been changed or stripped, or its owner removed; another sign-in may have
    // hashed it anew, which makes no difference.
    let now = Password::find(conn, attempted.account, known.id()).await?;
    let same = (held.zip(now)).filter(|(held, now)| now.set_at == kept.set_at && held.trusts(now.set_at));
    let Some((person, same)) = same else {
        let reason = Reason::InvalidCredentials;
        refused(conn, attempted, Some(known), reason, moment).await?;
        return Ok(Err(reason.into()));
    };
    if same.disabled_at.is_some() {
        refused(conn, attempted, Some(&person), Reason::TooManyAttempts, moment).await?;
        return Ok(Err(Reason::TooManyAttempts.into()));
    }
    attempt::forget(conn, attempted.account, targets.password).await?;
    if let Some(source) = targets.source {
        attempt::give_back(conn, attempted.account, source).await?;
    }
    if let Some(hash) = rehashed {
        same.rehash(conn, &hash).await?;
    }
    Ok(Ok(person))
}

/// After a hundred failed tries in a row a password is disabled, until it is reset by mail (NIST SP 800-63B-4, 3.2.2).
async fn disable(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    person: Option<&Person>,
    moment: &Moment,
) -> Result<()> {
    let holder = person.map_or_else(|| moment.uuid(), Person::id);
    if !Password::disable(conn, attempted.account, holder, moment.now).await? {
        return Ok(());
    }
    let mut event = NewEvent::of(EventKind::PasswordDisabled).refused(Reason::TooManyAttempts.as_str());
    event.contact = person.and_then(|person| person.holder().contact());
    let acting = Acting {
        actor: Actor::Anonymous,
        client: attempted.client.clone(),
    };
    record(conn, attempted.account, &acting, &[event], moment).await
}
