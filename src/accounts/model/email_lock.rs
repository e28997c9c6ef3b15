//! Serialises the requests that send an email to one address, known or unknown, so that their limits can't be exceeded by
//! concurrent requests.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// Takes the lock of the address until the transaction ends.
pub(crate) async fn acquire(conn: &mut Conn, account: AccountId, email_key: &str) -> Result<()> {
    sql::statement("select pg_advisory_xact_lock(hashtextextended(?, 0))")
        .bind::<Text, _>(format!("{account}/{email_key}"))
        .execute(conn)
        .await?;
    Ok(())
}
