//! Signing keys that the server created, sealed. All instances share them through the database.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::db::Conn;
use crate::base::db::schema::signing_keys;
use crate::base::error::Result;

#[derive(Queryable, Selectable)]
pub(crate) struct SigningKey {
    pub kid: String,
    pub sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

impl SigningKey {
    /// Newest first, without retired ones.
    pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Self>> {
        Ok(signing_keys::table
            .filter(signing_keys::retired_at.is_null())
            .order((signing_keys::created_at.desc(), signing_keys::kid))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn insert(conn: &mut Conn, kid: &str, sealed: &[u8], now: DateTime<Utc>) -> Result<()> {
        diesel::insert_into(signing_keys::table)
            .values((
                signing_keys::kid.eq(kid),
                signing_keys::sealed.eq(sealed),
                signing_keys::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Retires a key that no token needs any more; `false` if another instance did it before.
    pub(crate) async fn retire(conn: &mut Conn, kid: &str, now: DateTime<Utc>) -> Result<bool> {
        let retired = diesel::update(signing_keys::table.find(kid))
            .filter(signing_keys::retired_at.is_null())
            .set(signing_keys::retired_at.eq(now))
            .execute(conn)
            .await?;
        Ok(retired == 1)
    }

    /// Locks the table, so that instances that start together create one key and not one each.
    pub(crate) async fn lock(conn: &mut Conn) -> Result<()> {
        diesel::sql_query("lock table signing_keys in share row exclusive mode")
            .execute(conn)
            .await?;
        Ok(())
    }
}
