//! How much of a duplicate a merge moves.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::contacts::model::Contact;

/// The rows of a duplicate, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub(crate) struct MovedItems {
    #[diesel(sql_type = BigInt)]
    pub grants: i64,
    #[diesel(sql_type = BigInt)]
    pub started_lessons: i64,
    #[diesel(sql_type = BigInt)]
    pub completed_lessons: i64,
    #[diesel(sql_type = BigInt)]
    pub links: i64,
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
    #[diesel(sql_type = BigInt)]
    pub events: i64,
    #[diesel(sql_type = BigInt)]
    pub affiliate_sales: i64,
}

const COUNT: &str = "select (select count(*) from access_grants where account_id = c.account_id and contact_id = c.id) as grants, \
    p.started as started_lessons, p.completed as completed_lessons, \
    (select count(*) from magic_links where account_id = c.account_id and contact_id = c.id) as links, \
    (select count(*) from messages where account_id = c.account_id and contact_id = c.id) as messages, \
    (select count(*) from audit_events where account_id = c.account_id and contact_id = c.id) as events, \
    (select count(*) from affiliates a join affiliate_sales s on s.account_id = a.account_id and s.affiliate_id = a.id \
        where a.account_id = c.account_id and a.contact_id = c.id) as affiliate_sales \
    from contacts c cross join lateral (select count(*) as started, count(completed_at) as completed from lesson_progress \
        where account_id = c.account_id and contact_id = c.id) p \
    where c.account_id = ? and c.id = ?";

impl MovedItems {
    pub(crate) async fn count(conn: &mut Conn, duplicate: &Contact) -> Result<Self> {
        Ok(sql::statement(COUNT)
            .bind::<SqlUuid, _>(duplicate.account_id)
            .bind::<SqlUuid, _>(duplicate.id)
            .get_result(conn)
            .await?)
    }
}
