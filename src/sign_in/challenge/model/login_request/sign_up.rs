//! Whether an unknown address gets a code to sign up. It takes from the account's budget of the day, because any address can be typed.

use chrono::{DateTime, Utc};

use super::LoginRequest;
use super::email_limits::EmailLimits;
use crate::accounts::model::budget;
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::sign_in::person::Person;

/// Runs after the person is locked: contacts are locked before the budget, as everywhere. Known and unknown addresses take the same
/// statements. `waits`: the request sends no email, because the device keeps its challenge.
pub(super) async fn allowed(
    conn: &mut Conn,
    request: &LoginRequest<'_>,
    limits: &EmailLimits,
    person: Option<&Person>,
    waits: bool,
    now: DateTime<Utc>,
) -> Result<bool> {
    let account = request.account;
    if request.audience != Audience::Portal || !account.takes_sign_ups() {
        return Ok(false);
    }
    let unknown = person.is_none() && !waits && limits.allow(now);
    let added = budget::add(conn, account.id, unknown.into(), request.daily_messages, now).await?;
    Ok(unknown && added)
}
