//! Ending sessions where that is what somebody did, and not what follows from another change.

use crate::base::actor::Acting;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::sessions::model::{Session, Which};

/// Ends those that still live, writes down who did it and why, and says which they were: the caller nudges for each.
pub async fn sign_out(
    conn: &mut Conn,
    account: AccountId,
    which: Which,
    (acting, reason): (&Acting, &str),
    moment: &Moment,
) -> Result<Vec<Session>> {
    let ended = Session::end_those(conn, account, which, reason, moment.now).await?;
    if !ended.is_empty() {
        let events: Vec<NewEvent> = ended.iter().map(|session| event(session, reason)).collect();
        record(conn, account, acting, &events, moment).await?;
    }
    Ok(ended)
}

fn event(session: &Session, reason: &str) -> NewEvent {
    let event = match session.contact_id {
        Some(contact) => NewEvent::to(EventKind::SessionEnded, contact),
        None => NewEvent::of(EventKind::SessionEnded),
    };
    event.on(session.id).with(serde_json::json!({ "reason": reason }))
}
