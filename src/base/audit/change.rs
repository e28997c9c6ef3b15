//! The two changes that the audit log allows, each with its purpose: a trigger refuses every other one.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::AuditEvent;
use crate::base::db::schema::audit_events;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

/// Says to the trigger what the transaction is about to change; an empty purpose ends it.
async fn announce(conn: &mut Conn, purpose: &'static str) -> Result<()> {
    sql::statement("select set_config('vestibule.audit_change', ?, true)")
        .bind::<Text, _>(purpose)
        .execute(conn)
        .await?;
    Ok(())
}

impl AuditEvent {
    /// Gives the events of a contact to another one, who is the same person: those about them, and what they did themselves.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
    ) -> Result<()> {
        announce(conn, "MERGE").await?;
        let actor = sql::fragment::<Text>("case when actor = ? then ? else actor end");
        diesel::update(audit_events::table)
            .filter(audit_events::account_id.eq(account))
            .filter(audit_events::contact_id.eq(from))
            .set((
                audit_events::contact_id.eq(to),
                audit_events::actor.eq(actor
                    .bind::<Text, _>(from.to_string())
                    .bind::<Text, _>(to.to_string())),
            ))
            .execute(conn)
            .await?;
        announce(conn, "").await
    }

    /// Empties what is personal in the events of a contact: what happened stays, with its time and outcome.
    pub(crate) async fn erase_of_contact(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
    ) -> Result<()> {
        announce(conn, "ERASE").await?;
        diesel::update(audit_events::table)
            .filter(audit_events::account_id.eq(account))
            .filter(audit_events::contact_id.eq(contact))
            .set((
                audit_events::detail.eq(None::<serde_json::Value>),
                audit_events::ip.eq(None::<String>),
                audit_events::user_agent.eq(None::<String>),
            ))
            .execute(conn)
            .await?;
        announce(conn, "").await
    }
}
