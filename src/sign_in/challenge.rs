//! Signing in by email: a challenge is requested, and its email contains a link and a code. It is completed with the code
//! ([`code`]), or on the requesting device after a confirmation where the link was opened ([`device`], [`confirmation`]). The
//! link itself is redeemed by [`crate::sign_in::link`].
//!
//! An attempt at a code is counted before the code is compared, by a statement that commits by itself. So an attacker gains
//! no attempts with aliases, batches, sockets or other instances. A challenge that was not emailed counts attempts too, and
//! no code is right for it.

pub mod code;
pub mod confirmation;
pub mod device;
pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;
mod sign_up;

use chrono::{DateTime, Utc};

use crate::accounts::model::Account;
use crate::base::actor::{Audience, Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::magic_links::model::MagicLink;
use crate::sign_in::attempt::refund_source;
use crate::sign_in::attempt_log::{SignInAttempt, log_refused};
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::keys::Keys;
use crate::sign_in::open_session::{
    OpenedSession, SessionTransport, SignedIn, issue_credential, open_session,
};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::NewSession;

/// A challenge with a right proof, and the method of that proof.
pub struct VerifiedChallenge<'a> {
    challenge: Box<Challenge>,
    method: SignInMethod,
    client: &'a Client,
}

impl VerifiedChallenge<'_> {
    pub(crate) fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    fn by_code(&self) -> bool {
        self.method == SignInMethod::Code
    }

    async fn refuse(
        &self,
        conn: &mut Conn,
        reason: Reason,
        moment: &Moment,
    ) -> Result<Result<SignedIn, Refusal>> {
        let attempt = attempt(&self.challenge, self.method, self.client);
        log_refused(conn, &attempt, self.challenge.holder(), reason, moment).await?;
        Ok(Err(reason.into()))
    }
}

fn attempt<'a>(challenge: &Challenge, method: SignInMethod, client: &'a Client) -> SignInAttempt<'a> {
    SignInAttempt {
        account: challenge.account_id,
        audience: challenge.audience,
        method,
        client,
    }
}

/// Signs in after [`code::verify`] or [`device::verify`]. A caller with a right proof learns what else prevents the sign-in.
pub async fn complete(
    conn: &mut Conn,
    keys: &Keys,
    verified: &VerifiedChallenge<'_>,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let challenge = &verified.challenge;
    let owner = match lock_owner(conn, challenge).await? {
        Some(person) => Ok(person),
        None => sign_up::lock_or_create(conn, challenge, verified.client, moment).await?,
    };
    let person = match owner {
        Ok(person) => person,
        Err(reason) => return verified.refuse(conn, reason, moment).await,
    };
    if let Some(reason) = refusal_for(conn, &person, verified.by_code()).await? {
        return verified.refuse(conn, reason, moment).await;
    }
    if !challenge.complete(conn, moment.now).await? {
        return verified.refuse(conn, Reason::CodeExpired, moment).await;
    }
    let (account, by_code) = (challenge.account_id, verified.by_code());
    if by_code {
        end_link(conn, challenge, moment.now).await?;
    }
    let new = NewSession {
        // A confirmation proves who confirmed, not who uses this device.
        proves: by_code,
        proves_mailbox: by_code,
        challenge: Some(challenge.id),
        browser: transport.browser_hash(),
        ..NewSession::new(account, person.holder(), verified.method, verified.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let opened = OpenedSession {
        session,
        section: challenge.section,
        role: person.role(),
    };
    let signed_in = issue_credential(conn, keys, opened, transport, moment).await?;
    if by_code {
        refund_source(conn, account, verified.client).await?;
    }
    Ok(Ok(signed_in))
}

/// The state of a challenge for the page that waits for it. An unknown challenge is expired.
pub async fn state_of(conn: &mut Conn, challenge: &str, now: DateTime<Utc>) -> Result<ChallengeState> {
    let Some((account, _, id)) = locate(conn, challenge).await? else {
        return Ok(ChallengeState::Expired);
    };
    let found = Challenge::find(conn, account, id).await?;
    Ok(found.map_or(ChallengeState::Expired, |found| found.state(now)))
}

/// The account, the audience and the id of a challenge, from an id as a caller sent it.
pub(crate) async fn locate(
    conn: &mut Conn,
    challenge: &str,
) -> Result<Option<(AccountId, Audience, ChallengeId)>> {
    let Ok(id) = challenge.trim().parse::<ChallengeId>() else {
        return Ok(None);
    };
    let located = Challenge::locate(conn, id).await?;
    Ok(located.map(|(account, audience)| (account, audience, id)))
}

/// Locks the person to whom the challenge was emailed, if they still have that address.
async fn lock_owner(conn: &mut Conn, challenge: &Challenge) -> Result<Option<Person>> {
    let Some(holder) = challenge.holder() else {
        return Ok(None);
    };
    let person = Person::lock(conn, challenge.account_id, holder).await?;
    Ok(person.filter(|person| person.email_key() == Some(&challenge.email_key)))
}

/// Why a person who has proved who they are may not sign in.
pub(crate) async fn refusal_for(conn: &mut Conn, person: &Person, by_code: bool) -> Result<Option<Reason>> {
    if person.revoked() {
        return Ok(Some(Reason::AccessRevoked));
    }
    let account = Account::find(conn, person.account()).await?;
    let allowed = if by_code {
        account.code_allowed
    } else {
        account.link_allowed
    };
    Ok((!allowed).then_some(Reason::MethodDisabled))
}

/// Revokes the link of a challenge that was completed by its code. A team member's link ends with its challenge.
pub(crate) async fn end_link(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    if let Some(link) = challenge.magic_link_id {
        MagicLink::revoke(conn, challenge.account_id, link, now).await?;
    }
    Ok(())
}
