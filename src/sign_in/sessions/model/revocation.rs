//! Revoked subjects and the times of their revocations. Every instance polls them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::schema::revocations;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// Records a revocation in the transaction that ends the authorisation; the caller nudges after the commit.
pub(crate) async fn record(
    conn: &mut Conn,
    account: AccountId,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
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

/// [`record`] for many subjects.
pub(crate) async fn record_many(
    conn: &mut Conn,
    account: AccountId,
    subjects: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    sql::statement(
        "insert into revocations (account_id, subject, at) select ?, s, ? from unnest(?) s on conflict do nothing",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(subjects)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn since(conn: &mut Conn, at: DateTime<Utc>) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    Ok(revocations::table
        .filter(revocations::at.gt(at))
        .select((revocations::subject, revocations::at))
        .load(conn)
        .await?)
}
