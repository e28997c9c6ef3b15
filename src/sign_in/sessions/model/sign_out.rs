//! Signing out: sessions that are ended deliberately, not because of another change.

use crate::base::actor::{Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Holder, Session, SessionSelection};

/// Why sessions are ended, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct SignOut<'a> {
    pub requester: &'a Requester,
    pub reason: &'a str,
}

/// Ends the selected sessions that are active, logs it and returns them; the caller nudges for each.
pub(crate) async fn sign_out(
    conn: &mut Conn,
    account: AccountId,
    selection: SessionSelection,
    by: SignOut<'_>,
    moment: &Moment,
) -> Result<Vec<Session>> {
    let ended = Session::end_selected(conn, account, selection, by.reason, moment.now).await?;
    if !ended.is_empty() {
        let events: Vec<NewEvent> = ended.iter().map(|session| event(session, by.reason)).collect();
        record(conn, account, by.requester, &events, moment).await?;
    }
    Ok(ended)
}

/// Ends the caller's own session; `false` if it had ended before. The caller nudges in any case.
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
