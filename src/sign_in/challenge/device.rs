//! Completing a sign-in on the device that requested it, after it was confirmed where the link was opened.

use super::{VerifiedChallenge, attempt};
use crate::base::actor::{Audience, Client, SignInMethod};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::attempt::count_or_refuse;
use crate::sign_in::attempt_log::log_refused;
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::keys::Keys;
use crate::sign_in::open_session::Browser;
use crate::sign_in::refusal::{Reason, Refusal};

/// Checks the device's secret and whether the sign-in was confirmed. Runs in no transaction; [`super::complete`] follows.
pub async fn verify<'a>(
    conn: &mut Conn,
    challenge: &str,
    secret: &PlainSecret,
    client: &'a Client,
    moment: &Moment,
) -> Result<Result<VerifiedChallenge<'a>, Refusal>> {
    let Ok(id) = challenge.trim().parse() else {
        return Ok(Err(Reason::InvalidCredentials.into()));
    };
    let Some(challenge) = Challenge::find(conn, secret.account, id).await? else {
        return Ok(Err(Reason::InvalidCredentials.into()));
    };
    if !challenge.requested_with(secret) {
        return Ok(Err(refuse(conn, &challenge, client, moment).await?));
    }
    Ok(match challenge.state(moment.now) {
        ChallengeState::Pending | ChallengeState::LinkOpened => Err(Reason::ChallengePending.into()),
        ChallengeState::Completed | ChallengeState::Expired => Err(Reason::CodeExpired.into()),
        ChallengeState::Confirmed => Ok(VerifiedChallenge {
            challenge: Box::new(challenge),
            method: SignInMethod::Challenge,
            client,
        }),
    })
}

/// Counts and logs a wrong secret.
async fn refuse(conn: &mut Conn, challenge: &Challenge, client: &Client, moment: &Moment) -> Result<Refusal> {
    let attempt = attempt(challenge, SignInMethod::Challenge, client);
    if let Some(refusal) = count_or_refuse(conn, &attempt, moment).await? {
        return Ok(refusal);
    }
    let reason = Reason::InvalidCredentials;
    log_refused(conn, &attempt, challenge.holder(), reason, moment).await?;
    Ok(reason.into())
}

/// The secret of a browser for every challenge that it requests for an address. It is derived, so that both requests of a
/// double click have the same secret and lead to the challenge whose email was sent.
pub(crate) fn browser_secret(
    keys: &Keys,
    account: AccountId,
    audience: Audience,
    browser: Browser<'_>,
    email: &EmailAddress,
) -> PlainSecret {
    let from = [
        account.0.as_bytes(),
        audience.as_str().as_bytes(),
        browser.0.as_bytes(),
        email.key.as_bytes(),
    ];
    PlainSecret::derive(SecretKind::Device, account, &keys.device, &from)
}
