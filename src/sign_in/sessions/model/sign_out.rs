//! Ending sessions on purpose, rather than because of another change.

use crate::base::actor::{Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Holder, Session, Which};

/// Ends the sessions that are still active, logs who did it and why, and returns them: the caller nudges for each.
pub(crate) async fn sign_out(
    conn: &mut Conn,
    account: AccountId,
    which: Which,
    (requester, reason): (&Requester, &str),
    moment: &Moment,
) -> Result<Vec<Session>> {
    let ended = Session::end_those(conn, account, which, reason, moment.now).await?;
    if !ended.is_empty() {
        let events: Vec<NewEvent> = ended.iter().map(|session| event(session, reason)).collect();
        record(conn, account, requester, &events, moment).await?;
    }
    Ok(ended)
}

/// Signs out of one's own session; `false` if it had ended before. The caller nudges in any case.
pub(crate) async fn sign_out_own(
    conn: &mut Conn,
    own: &OwnSession,
    client: &Client,
    moment: &Moment,
) -> Result<bool> {
    if !Session::end(conn, own.account, own.id, "SIGNED_OUT", moment.now).await? {
        return Ok(false);
    }
    let event = match own.holder {
        Holder::Contact(contact) => NewEvent::for_contact(EventKind::SignedOut, contact),
        Holder::Member(_) => NewEvent::new(EventKind::StaffSignedOut),
    };
    record(
        conn,
        own.account,
        &own.requester(client),
        &[event.on(own.id)],
        moment,
    )
    .await?;
    Ok(true)
}

fn event(session: &Session, reason: &str) -> NewEvent {
    let event = match session.contact_id {
        Some(contact) => NewEvent::for_contact(EventKind::SessionEnded, contact),
        None => NewEvent::new(EventKind::SessionEnded),
    };
    event.on(session.id).with(serde_json::json!({ "reason": reason }))
}
