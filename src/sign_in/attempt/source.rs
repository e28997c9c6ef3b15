//! Limits per source: where a request comes from, whatever it tries.

use super::{FAILURES, MAILS, Target, Try, give_back, take_in_window};
use crate::base::actor::Client;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::sign_in::attempt_log::{Attempt, log_blocked};
use crate::sign_in::refusal::{Reason, Refusal};

/// Where attempts to sign in come from.
pub(crate) fn sign_in_source(client: &Client) -> Option<Target> {
    Target::source("sign-in", client)
}

/// Counts an attempt to sign in against its source only; a refusal if it had too many. It commits by itself.
pub(crate) async fn count_source(
    conn: &mut Conn,
    attempt: &Attempt<'_>,
    moment: &Moment,
) -> Result<Option<Refusal>> {
    let Some(source) = sign_in_source(attempt.client) else {
        return Ok(None);
    };
    let taken = take_in_window(conn, attempt.account, source, FAILURES, moment.now).await?;
    let Try::Blocked { retry_after } = taken else {
        return Ok(None);
    };
    log_blocked(conn, attempt, source, None, moment).await?;
    Ok(Some(Refusal {
        reason: Reason::TooManyAttempts,
        retry_after,
    }))
}

/// The attempt was right: its source has it back.
pub(crate) async fn give_back_source(conn: &mut Conn, account: AccountId, client: &Client) -> Result<()> {
    match sign_in_source(client) {
        Some(source) => give_back(conn, account, source).await,
        None => Ok(()),
    }
}

/// Counts an email that a source requests without a credential. It commits by itself.
pub async fn count_email_request(
    conn: &mut Conn,
    account: AccountId,
    client: &Client,
    moment: &Moment,
) -> Result<()> {
    let Some(source) = Target::source("mail", client) else {
        return Ok(());
    };
    match take_in_window(conn, account, source, MAILS, moment.now).await? {
        Try::Taken { .. } => Ok(()),
        Try::Blocked { retry_after } => {
            let words = "Too many emails were requested from your network. Try again later.";
            Err(Error::rate_limited(words, retry_after.unwrap_or(60)))
        }
    }
}
