//! Which client changed a password. The audit event was written in the transaction that queued the email, at the same time.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Client;
use crate::base::audit::{AuditEvent, EventKind};
use crate::base::db::Conn;
use crate::base::db::schema::audit_events;
use crate::base::error::Result;
use crate::messages::model::Message;
use crate::sign_in::person::Person;

const CHANGES: [EventKind; 3] = [
    EventKind::PasswordSet,
    EventKind::PasswordChanged,
    EventKind::PasswordReset,
];

/// The client that changed the recipient's password; an empty one if the audit log has no event of it.
pub(crate) async fn client_of_change(
    conn: &mut Conn,
    message: &Message,
    recipient: &Person,
) -> Result<Client> {
    let (at, actor) = (message.created_at, recipient.actor().to_string());
    let next = at + TimeDelta::milliseconds(1);
    let found: Vec<AuditEvent> = audit_events::table
        .filter(audit_events::account_id.eq(message.account_id))
        .filter(audit_events::kind.eq_any(CHANGES))
        .filter(audit_events::id.ge(AuditEvent::first_id_at(at)))
        .filter(audit_events::id.lt(AuditEvent::first_id_at(next)))
        .filter(audit_events::at.eq(at))
        .select(AuditEvent::as_select())
        .load(conn)
        .await?;
    let about_recipient = |event: &AuditEvent| {
        let contact = event.contact_id.is_some() && event.contact_id == message.contact_id;
        contact || event.actor == actor || event.subject.as_ref() == Some(&actor)
    };
    let event = found.into_iter().find(about_recipient);
    Ok(event.map_or_else(Client::default, |event| Client {
        ip: event.ip,
        user_agent: event.user_agent,
        ..Client::default()
    }))
}
