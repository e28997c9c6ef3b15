//! What a warning tells of: the audit log was written in the transaction that promised the mail, at the same moment.

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

/// Which address the contact has instead of the one that the mail goes to, masked.
pub async fn new_address(conn: &mut Conn, message: &Message) -> Result<Option<String>> {
    let event: Option<AuditEvent> = audit_events::table
        .filter(audit_events::account_id.eq(message.account_id))
        .filter(audit_events::subject.eq(message.id.to_string()))
        .filter(audit_events::kind.eq(EventKind::AddressChanged))
        .select(AuditEvent::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(event.and_then(|event| event.word("to").map(str::to_owned)))
}

/// Who asked for the change of a password; unknown where the log does not say.
pub async fn of_change(conn: &mut Conn, message: &Message, to: &Person) -> Result<Client> {
    let (at, who) = (message.created_at, to.actor().to_string());
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
    let theirs = |event: &AuditEvent| {
        let contact = event.contact_id.is_some() && event.contact_id == message.contact_id;
        contact || event.actor == who || event.subject.as_ref() == Some(&who)
    };
    let event = found.into_iter().find(theirs);
    Ok(event.map_or_else(Client::default, |event| Client {
        ip: event.ip,
        user_agent: event.user_agent,
        ..Client::default()
    }))
}
