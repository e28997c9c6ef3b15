//! Addresses that bounced or complained: nothing is sent to them until staff lift it.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::suppressions;
use crate::error::Result;
use crate::ids::AccountId;

pub async fn suppress(
    conn: &mut Conn,
    account: AccountId,
    email_key: &str,
    reason: &str,
    moment: &Moment,
) -> Result<()> {
    diesel::insert_into(suppressions::table)
        .values((
            suppressions::account_id.eq(account),
            suppressions::email_key.eq(email_key),
            suppressions::reason.eq(reason),
            suppressions::created_at.eq(moment.now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Which of these addresses are suppressed.
pub async fn among(conn: &mut Conn, account: AccountId, email_keys: &[&str]) -> Result<HashSet<String>> {
    Ok(suppressions::table
        .filter(suppressions::account_id.eq(account))
        .filter(suppressions::email_key.eq_any(email_keys))
        .select(suppressions::email_key)
        .load(conn)
        .await?
        .into_iter()
        .collect())
}
