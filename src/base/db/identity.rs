//! What tells a database from all others.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::{Conn, sql};
use crate::base::error::Result;

#[derive(QueryableByName)]
struct Identity {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Digits and a hyphen. Stays the same when a physical replica takes over; a restored dump gets another one.
pub(crate) async fn identity(conn: &mut Conn) -> Result<String> {
    let found: Identity = sql::statement(
        "select system_identifier || '-' || oid as id from pg_control_system(), pg_database
         where datname = current_database()",
    )
    .get_result(conn)
    .await?;
    Ok(found.id)
}
