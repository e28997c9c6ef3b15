//! Limits per source: the network that a request comes from, whatever its target.

use super::{AttemptCount, EMAIL_REQUEST_WINDOW, SIGN_IN_WINDOW, Target, count_in_window, refund};
use crate::base::actor::Client;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::sign_in::attempt_log::{SignInAttempt, log_blocked};
use crate::sign_in::refusal::{Reason, Refusal};

/// The source of attempts to sign in.
pub(crate) fn sign_in_source(client: &Client) -> Option<Target> {
    Target::source("sign-in", client)
}

/// Counts an attempt to sign in for its source only. Returns a refusal if the source had too many. The count commits by
/// itself.
pub(crate) async fn count_or_refuse(
    conn: &mut Conn,
    attempt: &SignInAttempt<'_>,
    moment: &Moment,
) -> Result<Option<Refusal>> {
    let Some(source) = sign_in_source(attempt.client) else {
        return Ok(None);
    };
    let counted = count_in_window(conn, attempt.account, source, SIGN_IN_WINDOW, moment.now).await?;
    let AttemptCount::Blocked { retry_after } = counted else {
        return Ok(None);
    };
    log_blocked(conn, attempt, source, None, moment).await?;
    Ok(Some(Refusal {
        reason: Reason::TooManyAttempts,
        retry_after,
    }))
}

/// Takes an attempt to sign in off the count of its source.
pub(crate) async fn refund_source(conn: &mut Conn, account: AccountId, client: &Client) -> Result<()> {
    match sign_in_source(client) {
        Some(source) => refund(conn, account, source).await,
        None => Ok(()),
    }
}

/// Counts an email that a source requests without a credential. The count commits by itself.
pub async fn count_email_request(
    conn: &mut Conn,
    account: AccountId,
    client: &Client,
    moment: &Moment,
) -> Result<()> {
    let Some(source) = Target::source("mail", client) else {
        return Ok(());
    };
    match count_in_window(conn, account, source, EMAIL_REQUEST_WINDOW, moment.now).await? {
        AttemptCount::Counted { .. } => Ok(()),
        AttemptCount::Blocked { retry_after } => {
            let message = "Too many emails were requested from your network. Try again later.";
            Err(Error::rate_limited(message, retry_after.unwrap_or(60)))
        }
    }
}
