//! Lists of magic links: of an account, of one contact, or of many contacts in one statement.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{MagicLink, MagicLinkStatus};
use crate::base::db::Conn;
use crate::base::db::lateral::owner;
use crate::base::db::schema::magic_links;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MagicLinkId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first, owned_list, page_newest_first};

/// Which links to list. Their status is that at `now`.
#[derive(Clone, Debug)]
pub(crate) struct LinkFilter {
    pub contact: Option<ContactId>,
    pub status: Option<MagicLinkStatus>,
    pub now: DateTime<Utc>,
}

impl LinkFilter {
    fn query<'a>(&self, account: AccountId) -> magic_links::BoxedQuery<'a, diesel::pg::Pg> {
        use magic_links::{account_id, contact_id, expires_at, revoked_at, superseded_at, used_at};
        let mut query = magic_links::table.into_boxed().filter(account_id.eq(account));
        if let Some(contact) = self.contact {
            query = query.filter(contact_id.eq(contact));
        }
        let unused = used_at.is_null();
        let unrevoked = unused.and(revoked_at.is_null());
        let current = unrevoked.and(superseded_at.is_null());
        match self.status {
            None => query,
            Some(MagicLinkStatus::Used) => query.filter(used_at.is_not_null()),
            Some(MagicLinkStatus::Revoked) => query.filter(unused.and(revoked_at.is_not_null())),
            Some(MagicLinkStatus::Superseded) => query.filter(unrevoked.and(superseded_at.is_not_null())),
            Some(MagicLinkStatus::Expired) => query.filter(current.and(expires_at.le(self.now))),
            Some(MagicLinkStatus::Live) => query.filter(current.and(expires_at.gt(self.now))),
        }
    }
}

impl MagicLink {
    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &LinkFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, magic_links::id, MagicLinkId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &LinkFilter) -> Result<i64> {
        Ok(of.query(account).count().get_result(conn).await?)
    }
}

impl LinkFilter {
    /// The links of the contact in the current row of the lateral join.
    fn of_owner<'a>(&self, account: AccountId) -> magic_links::BoxedQuery<'a, diesel::pg::Pg> {
        let all = Self {
            contact: None,
            ..self.clone()
        };
        all.query(account)
            .filter(magic_links::contact_id.eq(owner::<SqlUuid>()))
    }
}

impl OwnedList for LinkFilter {
    type Row = MagicLink;
    type Filter = Option<MagicLinkStatus>;

    fn owner(&self) -> Option<Uuid> {
        self.contact.map(|contact| contact.0)
    }

    fn filter(&self) -> Option<MagicLinkStatus> {
        self.status
    }

    owned_list!(MagicLink, |query, page| newest_first!(
        query,
        page,
        magic_links::id,
        MagicLinkId
    ));
}
