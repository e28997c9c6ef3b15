//! Tries at codes: counted, of the source and of the code, and then compared.

use crate::base::actor::Audience;
use crate::base::actor::Client;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::sign_in::attempt::{FAILURES, Target, Try, take_in_window};
use crate::sign_in::challenge::code::Code;
use crate::sign_in::challenge::model::{Challenge, Tried};
use crate::sign_in::open_session::{Attempted, blocked};
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::SignIn;

/// What a typed code is.
pub(crate) enum Compared {
    Right(Box<Challenge>),
    /// With its challenge, where the refusal is to be noted.
    Wrong(Option<Box<Challenge>>, Refusal),
}

pub(crate) fn source(client: &Client) -> Option<Target> {
    Target::source("sign-in", client)
}

impl SignIn {
    /// Counts the try, of the source and of the code, then compares. In no transaction.
    pub(crate) async fn compare_code(
        &self,
        conn: &mut Conn,
        attempted: &Attempted<'_>,
        id: ChallengeId,
        typed: &str,
        moment: &Moment,
    ) -> Result<Compared> {
        let account = attempted.account;
        if let Some(refusal) = from_here(conn, attempted, moment).await? {
            return Ok(Compared::Wrong(None, refusal));
        }
        let (challenge, reason) = match Challenge::take_try(conn, account, id, moment.now).await? {
            Tried::Unknown => return Ok(Compared::Wrong(None, Reason::CodeInvalid.into())),
            Tried::TooMany(challenge) => (challenge, Reason::TooManyAttempts),
            Tried::Over(challenge) => (challenge, Reason::CodeExpired),
            Tried::Counted(challenge) => {
                let right = Code::of(&self.keys.code, account, id).matches(typed);
                if right && challenge.holder().is_some() {
                    return Ok(Compared::Right(challenge));
                }
                (challenge, Reason::CodeInvalid)
            }
        };
        Ok(Compared::Wrong(Some(challenge), reason.into()))
    }
}

/// Where a challenge is that somebody names.
pub(crate) async fn named(
    conn: &mut Conn,
    challenge: &str,
) -> Result<Option<(AccountId, Audience, ChallengeId)>> {
    let Ok(id) = challenge.trim().parse::<ChallengeId>() else {
        return Ok(None);
    };
    let place = Challenge::place_of(conn, id).await?;
    Ok(place.map(|(account, audience)| (account, audience, id)))
}

/// Counts a try of the source; a refusal where it has had too many. In no transaction.
pub(crate) async fn from_here(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    moment: &Moment,
) -> Result<Option<Refusal>> {
    let Some(source) = source(attempted.client) else {
        return Ok(None);
    };
    let taken = take_in_window(conn, attempted.account, source, FAILURES, moment.now).await?;
    let Try::Blocked { retry_after } = taken else {
        return Ok(None);
    };
    blocked(conn, attempted, source, None, moment).await?;
    Ok(Some(Refusal {
        reason: Reason::TooManyAttempts,
        retry_after,
    }))
}
