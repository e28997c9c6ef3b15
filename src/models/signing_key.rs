//! Signing keys that the server made for itself, sealed: all instances share them through the database.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Conn;
use crate::db::schema::signing_keys;
use crate::error::Result;

#[derive(Queryable, Selectable)]
pub struct SigningKey {
    pub kid: String,
    pub sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

impl SigningKey {
    /// Newest first.
    pub async fn all(conn: &mut Conn) -> Result<Vec<Self>> {
        Ok(signing_keys::table
            .order(signing_keys::created_at.desc())
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub async fn keep(conn: &mut Conn, kid: &str, sealed: &[u8], now: DateTime<Utc>) -> Result<()> {
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

    /// So that instances which start together make one key and not one each.
    pub async fn lock(conn: &mut Conn) -> Result<()> {
        diesel::sql_query("lock table signing_keys in share row exclusive mode")
            .execute(conn)
            .await?;
        Ok(())
    }
}
