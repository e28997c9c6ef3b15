//! Signing in by email: a challenge is requested, and its email contains a link and a code. It is finished with the code
//! ([`code`]), or on the requesting device after a confirmation where the link was opened ([`device`], [`confirming`]). The
//! link itself is redeemed by [`crate::sign_in::link`].
//!
//! An attempt at a code is counted before it is compared, by a statement that commits by itself: aliases, batches, sockets
//! and other instances gain nothing. The same happens for a challenge that was not emailed: no code is right.

pub mod code;
pub mod confirming;
pub mod device;
pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;

use chrono::{DateTime, Utc};

use crate::accounts::model::Account;
use crate::base::actor::{Audience, Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::magic_links::model::MagicLink;
use crate::sign_in::attempt::give_back_source;
use crate::sign_in::attempt_log::{Attempt, log_refused};
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::keys::Keys;
use crate::sign_in::open_session::{SessionTransport, SignedIn, issue_credential, open_session};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::NewSession;

/// A challenge whose proof was right, and the method of the proof.
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

    async fn refused(
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

fn attempt<'a>(challenge: &Challenge, method: SignInMethod, client: &'a Client) -> Attempt<'a> {
    Attempt {
        account: challenge.account_id,
        audience: challenge.audience,
        method,
        client,
    }
}

/// Signs in after [`code::verify`] or [`device::verify`], or says now what else prevents it.
pub async fn complete(
    conn: &mut Conn,
    keys: &Keys,
    verified: &VerifiedChallenge<'_>,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let challenge = &verified.challenge;
    let Some(person) = lock_owner(conn, challenge).await? else {
        return verified.refused(conn, Reason::CodeExpired, moment).await;
    };
    if let Some(reason) = barred(conn, &person, verified.by_code()).await? {
        return verified.refused(conn, reason, moment).await;
    }
    if !challenge.complete(conn, moment.now).await? {
        return verified.refused(conn, Reason::CodeExpired, moment).await;
    }
    let (account, by_code) = (challenge.account_id, verified.by_code());
    if by_code {
        end_link(conn, challenge, moment.now).await?;
    }
    let new = NewSession {
        // A confirmation elsewhere proves something there, not on this device.
        proves: by_code,
        mail_read: by_code,
        challenge: Some(challenge.id),
        browser: transport.browser_hash(),
        ..NewSession::new(account, person.holder(), verified.method, verified.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let landing = (challenge.section, person.role());
    let signed_in = issue_credential(conn, keys, session, transport, landing, moment).await?;
    if by_code {
        give_back_source(conn, account, verified.client).await?;
    }
    Ok(Ok(signed_in))
}

/// The state of a challenge for a page that waits; an unknown one is over.
pub async fn state_of(conn: &mut Conn, challenge: &str, now: DateTime<Utc>) -> Result<ChallengeState> {
    let Some((account, _, id)) = locate(conn, challenge).await? else {
        return Ok(ChallengeState::Expired);
    };
    let found = Challenge::find(conn, account, id).await?;
    Ok(found.map_or(ChallengeState::Expired, |found| found.state(now)))
}

/// The account and audience of a challenge that a caller names.
pub(crate) async fn locate(
    conn: &mut Conn,
    challenge: &str,
) -> Result<Option<(AccountId, Audience, ChallengeId)>> {
    let Ok(id) = challenge.trim().parse::<ChallengeId>() else {
        return Ok(None);
    };
    let place = Challenge::place_of(conn, id).await?;
    Ok(place.map(|(account, audience)| (account, audience, id)))
}

/// The person to whom it was emailed, locked, if they still have that address.
async fn lock_owner(conn: &mut Conn, challenge: &Challenge) -> Result<Option<Person>> {
    let Some(holder) = challenge.holder() else {
        return Ok(None);
    };
    let person = Person::lock(conn, challenge.account_id, holder).await?;
    Ok(person.filter(|person| person.email_key() == Some(&challenge.email_key)))
}

/// Why a person who has proved who they are may not sign in.
pub(crate) async fn barred(conn: &mut Conn, person: &Person, by_code: bool) -> Result<Option<Reason>> {
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
