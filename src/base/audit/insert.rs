//! Inserting events, and queueing those that workflows listen to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::EventKind;
use crate::base::actor::Actor;
use crate::base::db::schema::audit_events;
use crate::base::db::{AnyConn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, EventId};

#[derive(Insertable)]
#[diesel(table_name = audit_events)]
pub(super) struct Row<'a> {
    pub account_id: AccountId,
    pub id: EventId,
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub actor: &'a str,
    pub contact_id: Option<ContactId>,
    pub subject: Option<&'a str>,
    pub outcome: &'a str,
    pub detail: Option<&'a Value>,
    pub ip: Option<&'a str>,
    pub user_agent: Option<&'a str>,
}

/// One statement for any number of rows, with an array per column: a list of rows would be parsed again for each length.
const INSERT: &str = "insert into audit_events (account_id, id, at, kind, actor, contact_id, subject, outcome, detail, ip, user_agent) \
    select ?, e.id, ?, e.kind, ?, e.contact_id, e.subject, e.outcome, e.detail, ?, ? \
    from unnest(?, ?, ?, ?, ?, ?) as e (id, kind, contact_id, subject, outcome, detail)";

/// Queues the events that workflows listen to.
const FEED: &str = "insert into workflow_events (account_id, event_id, contact_id, kind, subject, detail, at, generation) \
    select e.account_id, e.id, e.contact_id, e.kind, e.subject, e.detail, e.at, {generation} from e \
    where e.contact_id is not null and e.outcome = 'OK' \
       and exists (select from workflow_triggers t where t.account_id = e.account_id and t.event_kind = e.kind) order by e.id";

/// One more than that of the run that caused the event: a workflow runs a contact's steps one after another.
const NEXT_GENERATION: &str = "coalesce((select max(r.generation) + 1 from workflow_runs r where r.account_id = e.account_id \
    and r.workflow_id = ? and r.contact_id = e.contact_id and r.status = 'RUNNING'), 0)";

macro_rules! bind_rows {
    ($statement:expr, $rows:ident, $first:ident) => {
        $statement
            .bind::<SqlUuid, _>($first.account_id)
            .bind::<Timestamptz, _>($first.at)
            .bind::<Text, _>($first.actor)
            .bind::<Nullable<Text>, _>($first.ip)
            .bind::<Nullable<Text>, _>($first.user_agent)
            .bind::<Array<SqlUuid>, _>($rows.iter().map(|row| row.id).collect::<Vec<_>>())
            .bind::<Array<Text>, _>($rows.iter().map(|row| row.kind).collect::<Vec<_>>())
            .bind::<Array<Nullable<SqlUuid>>, _>($rows.iter().map(|row| row.contact_id).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>($rows.iter().map(|row| row.subject).collect::<Vec<_>>())
            .bind::<Array<Text>, _>($rows.iter().map(|row| row.outcome).collect::<Vec<_>>())
            .bind::<Array<Nullable<Jsonb>>, _>($rows.iter().map(|row| row.detail).collect::<Vec<_>>())
    };
}

/// `feeds`: whether workflows may listen to any of them.
pub(super) async fn insert(
    conn: &mut impl AnyConn,
    rows: &[Row<'_>],
    actor: Actor,
    feeds: bool,
) -> Result<()> {
    if feeds {
        return insert_and_feed(conn, rows, actor).await;
    }
    if let [row] = rows {
        diesel::insert_into(audit_events::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    insert_many(conn, rows).await
}

async fn insert_many(conn: &mut impl AnyConn, rows: &[Row<'_>]) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    bind_rows!(sql::statement(INSERT), rows, first)
        .execute(conn)
        .await?;
    Ok(())
}

/// Inserts the rows and queues those that workflows listen to: still one statement.
async fn insert_and_feed(conn: &mut impl AnyConn, rows: &[Row<'_>], actor: Actor) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let generation = match actor {
        Actor::Workflow(_) => NEXT_GENERATION,
        Actor::Member(_) | Actor::Key(_) | Actor::Contact(_) | Actor::Anonymous | Actor::System => "0",
    };
    let feed = FEED.replace("{generation}", generation);
    let statement = sql::statement(format!("with e as ({INSERT} returning *) {feed}"));
    let statement = bind_rows!(statement, rows, first);
    match actor {
        Actor::Workflow(workflow) => statement.bind::<SqlUuid, _>(workflow).execute(conn).await?,
        Actor::Member(_) | Actor::Key(_) | Actor::Contact(_) | Actor::Anonymous | Actor::System => {
            statement.execute(conn).await?
        }
    };
    Ok(())
}
