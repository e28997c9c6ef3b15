//! The sessions that somebody sees of themselves, or staff of a contact: those that live, newest first.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::page::{Page, PageRequest, page_newest_first};
use super::session::{Holder, Session};
use crate::db::Conn;
use crate::db::schema::sessions;
use crate::error::Result;
use crate::ids::{AccountId, SessionId};

/// Whose sessions to list, as things stand at `now`.
#[derive(Clone, Copy, Debug)]
pub struct SessionsOf {
    pub holder: Holder,
    pub now: DateTime<Utc>,
}

impl SessionsOf {
    fn query<'a>(&self, account: AccountId) -> sessions::BoxedQuery<'a, diesel::pg::Pg> {
        let live = sessions::table
            .into_boxed()
            .filter(sessions::account_id.eq(account))
            .filter(
                sessions::ended_at
                    .is_null()
                    .and(sessions::expires_at.gt(self.now)),
            );
        match self.holder {
            Holder::Contact(contact) => live.filter(sessions::contact_id.eq(contact)),
            Holder::Member(member) => live.filter(sessions::team_member_id.eq(member)),
        }
    }
}

impl Session {
    pub async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &SessionsOf,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, sessions::id, SessionId)
    }

    pub async fn count(conn: &mut Conn, account: AccountId, of: &SessionsOf) -> Result<i64> {
        Ok(of.query(account).count().get_result(conn).await?)
    }

    /// Live or not.
    pub async fn find_many(conn: &mut Conn, account: AccountId, ids: &[SessionId]) -> Result<Vec<Self>> {
        Ok(sessions::table
            .filter(sessions::account_id.eq(account))
            .filter(sessions::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}
