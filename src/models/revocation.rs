//! Who lost an authorisation, and when: polled by every instance.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::revocations;
use crate::error::Result;
use crate::ids::AccountId;

/// Within the transaction that takes the authorisation away; the caller nudges after the commit.
pub async fn record(conn: &mut Conn, account: AccountId, subject: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(revocations::table)
        .values((
            revocations::account_id.eq(account),
            revocations::subject.eq(subject),
            revocations::at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn since(conn: &mut Conn, at: DateTime<Utc>) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    Ok(revocations::table
        .filter(revocations::at.gt(at))
        .select((revocations::subject, revocations::at))
        .load(conn)
        .await?)
}
