//! Requests that mail something to an address, known or not: one at a time, so that their limits hold.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// Waits for the turn of this transaction.
pub(crate) async fn wait(conn: &mut Conn, account: AccountId, email_key: &str) -> Result<()> {
    sql::statement("select pg_advisory_xact_lock(hashtextextended(?, 0))")
        .bind::<Text, _>(format!("{account}/{email_key}"))
        .execute(conn)
        .await?;
    Ok(())
}
