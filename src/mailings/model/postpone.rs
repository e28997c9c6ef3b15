//! Claimed messages that wait for the end of their recipient's quiet hours: they return to the queue.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::messages::model::Message;

/// The attempt doesn't count. A first one has a day from then on; a retry has an hour at least.
const POSTPONE: &str = "update messages m set status = 'QUEUED', lease_owner = null, due_at = p.until, \
     give_up_at = case when m.attempt_count > 1 then greatest(m.give_up_at, p.until + interval '1 hour') \
        else p.until + interval '1 day' end, \
     attempt_count = greatest(m.attempt_count - 1, 0) \
     from unnest(?, ?, ?) as p (account_id, id, until) \
     where m.account_id = p.account_id and m.id = p.id and m.status = 'SENDING'";

/// Within the transaction that prepares them.
pub(super) async fn postpone(conn: &mut Conn, messages: &[(Message, DateTime<Utc>)]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    sql::statement(POSTPONE)
        .bind::<Array<SqlUuid>, _>(messages.iter().map(|(one, _)| one.account_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(messages.iter().map(|(one, _)| one.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(messages.iter().map(|(_, until)| *until).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}
