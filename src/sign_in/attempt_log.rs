//! Audit events of refused attempts to sign in.

use diesel_async::AsyncConnection;

use crate::base::actor::{Actor, Audience, Client, Requester, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::attempt::{Target, mark_block_logged};
use crate::sign_in::refusal::Reason;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Holder;

/// An attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignInAttempt<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub method: SignInMethod,
    pub client: &'a Client,
}

/// Logs the first attempt of each wait that was refused without a comparison, for unknown addresses as for known ones. It
/// opens a transaction: the caller of a blocked attempt begins none, and mark and event belong together.
pub(crate) async fn log_blocked(
    conn: &mut Conn,
    attempt: &SignInAttempt<'_>,
    target: Target,
    holder: Option<Holder>,
    moment: &Moment,
) -> Result<()> {
    conn.transaction(async |conn| -> Result<_> {
        if !mark_block_logged(conn, attempt.account, target, moment.now).await? {
            return Ok(());
        }
        log_refused(conn, attempt, holder, Reason::TooManyAttempts, moment).await
    })
    .await
}

/// Logs an attempt that failed. An unknown address gets an event too, so that it takes the same time.
pub(crate) async fn log_refused(
    conn: &mut Conn,
    attempt: &SignInAttempt<'_>,
    holder: Option<Holder>,
    reason: Reason,
    moment: &Moment,
) -> Result<()> {
    let requester = Requester {
        actor: Actor::Anonymous,
        client: attempt.client.clone(),
    };
    let kind = match attempt.audience {
        Audience::Portal => EventKind::SignInRefused,
        Audience::Dashboard => EventKind::StaffSignInRefused,
    };
    let mut event = NewEvent {
        contact: holder.and_then(Holder::contact),
        ..NewEvent::new(kind).refused(reason.as_str()).by(attempt.method)
    };
    if let Some(member) = holder.and_then(Holder::member) {
        event = event.on(member);
    }
    record(conn, attempt.account, &requester, &[event], moment).await
}

/// Logs a step-up that failed.
pub(crate) async fn log_step_up_refused(
    conn: &mut Conn,
    own: &OwnSession,
    client: &Client,
    reason: Reason,
    moment: &Moment,
) -> Result<()> {
    let event = NewEvent {
        contact: own.holder.contact(),
        ..NewEvent::new(EventKind::SteppedUp).refused(reason.as_str())
    };
    record(conn, own.account, &own.requester(client), &[event], moment).await
}
