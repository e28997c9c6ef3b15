//! The tags of an account's contacts.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// A tag, and how many contacts have it.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct TagCount {
    #[diesel(sql_type = Text)]
    pub tag: String,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

impl TagCount {
    /// The most used first; those with equal counts by name.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId) -> Result<Vec<Self>> {
        let most_used = "select tag, count(*) as count from contacts, unnest(tags) as tag \
             where account_id = ? and tags <> '{}' group by tag order by 2 desc, tag collate \"C\" limit 200";
        Ok(sql::statement(most_used)
            .bind::<SqlUuid, _>(account)
            .load(conn)
            .await?)
    }
}
