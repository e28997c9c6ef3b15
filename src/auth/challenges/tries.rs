//! Tries at codes: counted, of the source and of the code, and then compared.

use chrono::{DateTime, Utc};

use crate::auth::code::Code;
use crate::auth::refusal::{Reason, Refusal};
use crate::auth::sign_in::SignIn;
use crate::auth::viewer::Client;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId};
use crate::models::attempt::{FAILURES, Target, Try, take_in_window};
use crate::models::challenge::{Challenge, Tried};

/// What a typed code is.
pub(in crate::auth) enum Compared {
    Right(Box<Challenge>),
    /// With its challenge, where the refusal is to be noted.
    Wrong(Option<Box<Challenge>>, Refusal),
}

pub(in crate::auth) fn source(client: &Client) -> Option<Target> {
    Target::source("sign-in", client)
}

impl SignIn {
    /// Counts the try, of the source and of the code, then compares. In no transaction.
    pub(in crate::auth) async fn compare_code(
        &self,
        conn: &mut Conn,
        (account, id): (AccountId, ChallengeId),
        typed: &str,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<Compared> {
        if let Some(refusal) = from_here(conn, account, client, now).await? {
            return Ok(Compared::Wrong(None, refusal));
        }
        let (challenge, reason) = match Challenge::take_try(conn, account, id, now).await? {
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

/// The account of a challenge that somebody names.
pub(in crate::auth) async fn named(
    conn: &mut Conn,
    challenge: &str,
) -> Result<Option<(AccountId, ChallengeId)>> {
    let Ok(id) = challenge.trim().parse::<ChallengeId>() else {
        return Ok(None);
    };
    let account = Challenge::account_of(conn, id).await?;
    Ok(account.map(|account| (account, id)))
}

/// Counts a try of the source; a refusal where it has had too many.
pub(in crate::auth) async fn from_here(
    conn: &mut Conn,
    account: AccountId,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Option<Refusal>> {
    let Some(source) = source(client) else {
        return Ok(None);
    };
    Ok(
        match take_in_window(conn, account, source, FAILURES, now).await? {
            Try::Taken { .. } => None,
            Try::Blocked { retry_after } => Some(Refusal {
                reason: Reason::TooManyAttempts,
                retry_after,
            }),
        },
    )
}
