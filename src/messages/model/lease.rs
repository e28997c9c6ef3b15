//! Leases of dead workers. Each worker holds an advisory lock of PostgreSQL with a connection of its own: the lock ends with the
//! process, and then the worker's leases are taken over at once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;

/// The first key of the locks of workers; the second is a hash of the worker's id.
const LOCK_CLASS: i32 = 0x6d61_696c;

/// Shared, so that a worker can lock again while the server has not noticed that its last connection is gone.
const LOCK: &str = "select pg_advisory_lock_shared(?, hashtext(?))";

const LIVE: &str = "select objid::int8::bit(32)::int4 as worker from pg_locks \
     where locktype = 'advisory' and classid = ?::int4::oid and objsubid = 2 \
     and database = (select oid from pg_database where datname = current_database())";

/// Locks are read after the statement began, so the owner of each lease that it sees had its lock before.
const TAKE_OVER: &str = "update messages set due_at = ? where status = 'SENDING' and due_at > ? \
     and hashtext(lease_owner::text) not in ( \
      select objid::int8::bit(32)::int4 from pg_locks \
      where locktype = 'advisory' and classid = ?::int4::oid and objsubid = 2 \
      and database = (select oid from pg_database where datname = current_database()))";

#[derive(QueryableByName)]
struct Live {
    #[diesel(sql_type = Integer)]
    worker: i32,
}

/// Holds the lock of a worker for as long as the connection lives.
pub(crate) async fn lock(conn: &mut Conn, owner: Uuid) -> Result<()> {
    sql::statement(LOCK)
        .bind::<Integer, _>(LOCK_CLASS)
        .bind::<Text, _>(owner.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// The workers that live, as hashes of their ids.
pub(crate) async fn live_workers(conn: &mut Conn) -> Result<HashSet<i32>> {
    let live: Vec<Live> = sql::statement(LIVE)
        .bind::<Integer, _>(LOCK_CLASS)
        .load(conn)
        .await?;
    Ok(live.into_iter().map(|live| live.worker).collect())
}

/// Makes the messages due that dead workers have claimed. Returns their number.
pub(crate) async fn take_over(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(sql::statement(TAKE_OVER)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(LOCK_CLASS)
        .execute(conn)
        .await?)
}
