//! Signing in with a password: the try is counted first, then compared with no connection held, then decided.

use diesel_async::AsyncConnection;

use super::password::{Password as Typed, Seat};
use super::refusal::{Reason, Refusal};
use super::sign_in::{Outlet, SignIn, SignedIn};
use super::viewer::Client;
use crate::address::EmailAddress;
use crate::clock::Moment;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::AccountId;
use crate::live::Topic;
use crate::models::account::Account;
use crate::models::attempt::{self, Target, Try};
use crate::models::audit::{EventKind, NewEvent, record};
use crate::models::entrance::{Attempted, enter, refused};
use crate::models::password::{self, Password};
use crate::models::person::Person;
use crate::models::section::PortalSection;
use crate::models::session::{Audience, Holder, Opening, SignInMethod};

/// Somebody says who they are.
#[derive(Clone, Copy)]
pub struct PasswordTry<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub password: &'a str,
}

/// Whose password is compared.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    Address(Audience, &'a EmailAddress),
    Holder(Holder),
}

/// What a password was compared with, and how it went.
pub(super) struct Compared {
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
pub(super) struct Targets {
    pub password: Target,
    pub source: Option<Target>,
}

impl SignIn {
    pub async fn with_password(
        &self,
        tried: &PasswordTry<'_>,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let typed = Typed::read("input.password", tried.password)?;
        let moment = self.clock.moment();
        let targets = Targets {
            password: password::target(tried.audience, &tried.email.key),
            source: Target::source("sign-in", client),
        };
        let whose = Whose::Address(tried.audience, tried.email);
        let compared = match self
            .compare_password(tried.account, targets, &typed, whose, &moment)
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let attempted = Attempted {
            account: tried.account,
            audience: tried.audience,
            method: SignInMethod::Password,
            client,
        };
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                self.decide(conn, &attempted, compared, (targets, outlet), &moment)
                    .await
            })
            .await?;
        self.live
            .nudge(tried.account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
        Ok(done)
    }

    /// Counts the try, commits that, and compares with no connection held.
    pub(super) async fn compare_password(
        &self,
        account: AccountId,
        targets: Targets,
        typed: &Typed,
        whose: Whose<'_>,
        moment: &Moment,
    ) -> Result<Result<Compared, Refusal>> {
        let seat = self.passwords.seat().await?;
        let mut conn = self.db.conn().await?;
        let failed_count = match take(&mut conn, account, targets, moment).await? {
            Ok(failed_count) => failed_count,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let person = match whose {
            Whose::Address(audience, email) => Person::by_email(&mut conn, account, audience, email).await?,
            Whose::Holder(holder) => Person::find(&mut conn, account, holder).await?,
        };
        // Nobody has a password either, and it is looked for as anybody's.
        let holder = person.as_ref().map_or_else(|| moment.uuid(), Person::id);
        let kept = Password::find(&mut conn, account, holder).await?;
        drop(conn);
        let kept = kept.filter(|kept| person.as_ref().is_some_and(|person| person.trusts(kept.set_at)));
        let hash = kept.as_ref().map(|kept| &kept.hash[..]);
        let right = seat.verify(hash, typed).await?;
        let rehashed = rehash(&seat, hash.filter(|_| right), typed, moment).await?;
        Ok(Ok(Compared {
            person,
            kept,
            right,
            failed_count,
            rehashed,
        }))
    }

    async fn decide(
        &self,
        conn: &mut Conn,
        attempted: &Attempted<'_>,
        compared: Compared,
        (targets, outlet): (Targets, Outlet<'_>),
        moment: &Moment,
    ) -> Result<Result<SignedIn, Refusal>> {
        let person = match settle(conn, attempted, compared, targets, moment).await? {
            Ok(person) => person,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let account = Account::find(conn, attempted.account).await?;
        let barred = if person.revoked() {
            Some(Reason::AccessRevoked)
        } else if !account.password_allowed {
            Some(Reason::MethodDisabled)
        } else {
            None
        };
        if let Some(reason) = barred {
            refused(conn, attempted, Some(&person), reason, moment).await?;
            return Ok(Err(reason.into()));
        }
        let opening = Opening {
            browser: outlet.browser_hash(),
            ..Opening::new(
                account.id,
                person.holder(),
                SignInMethod::Password,
                attempted.client,
            )
        };
        let session = enter(conn, &person, &opening, false, moment).await?;
        let to = (PortalSection::Home, person.role());
        Ok(Ok(self.hand_over(conn, session, outlet, to, moment).await?))
    }

    /// Whether the signed-in holder knows their password: counted and compared as at a sign-in, without a session.
    pub async fn check_password(
        &self,
        account: AccountId,
        holder: Holder,
        password: (&str, &str),
        client: &Client,
    ) -> Result<Result<(), Refusal>> {
        let (field, text) = password;
        let typed = Typed::read(field, text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let person = Person::find(&mut conn, account, holder).await?;
        drop(conn);
        let key = person.as_ref().and_then(Person::email_key).unwrap_or_default();
        let targets = Targets {
            password: password::target(holder.audience(), key),
            source: Target::source("sign-in", client),
        };
        let whose = Whose::Holder(holder);
        let compared = match self
            .compare_password(account, targets, &typed, whose, &moment)
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let attempted = Attempted {
            account,
            audience: holder.audience(),
            method: SignInMethod::Password,
            client,
        };
        let mut conn = self.db.conn().await?;
        conn.transaction(async |conn| -> Result<_> {
            let settled = settle(conn, &attempted, compared, targets, &moment).await?;
            Ok(settled.map(|_| ()))
        })
        .await
    }
}

/// Counts a try against the source and the password; `TOO_MANY_ATTEMPTS` where it may not be compared.
async fn take(
    conn: &mut Conn,
    account: AccountId,
    targets: Targets,
    moment: &Moment,
) -> Result<Result<i32, Refusal>> {
    let blocked = |retry_after| Refusal {
        reason: Reason::TooManyAttempts,
        retry_after,
    };
    if let Some(source) = targets.source {
        let window = attempt::FAILURES;
        if let Try::Blocked { retry_after } =
            attempt::take_in_window(conn, account, source, window, moment.now).await?
        {
            return Ok(Err(blocked(retry_after)));
        }
    }
    Ok(
        match attempt::take(conn, account, targets.password, moment.now).await? {
            Try::Taken { failed_count } => Ok(failed_count),
            Try::Blocked { retry_after } => Err(blocked(retry_after)),
        },
    )
}

async fn rehash(seat: &Seat, kept: Option<&str>, typed: &Typed, moment: &Moment) -> Result<Option<String>> {
    match kept {
        Some(kept) if seat.outdated(kept) => Ok(Some(seat.hash(typed, moment).await?)),
        _ => Ok(None),
    }
}

/// What a comparison means: the person, held, whose tries are forgotten; or the refusal, noted.
pub(super) async fn settle(
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
    // Between the comparison and now it may have been changed, or its owner removed.
    let now = Password::find(conn, attempted.account, known.id()).await?;
    let same = now.filter(|now| now.hash == kept.hash);
    let Some((person, same)) = held.zip(same) else {
        return Ok(Err(Reason::InvalidCredentials.into()));
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
    let acting = crate::auth::viewer::Acting {
        actor: crate::auth::viewer::Actor::Anonymous,
        client: attempted.client.clone(),
    };
    record(conn, attempted.account, &acting, &[event], moment).await
}
