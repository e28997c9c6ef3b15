//! The affiliates of an account, as a list.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::{Affiliate, AffiliateStatus};
use crate::base::db::schema::affiliates;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, AffiliateId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::contacts::model::list::search_words;

/// Which affiliates a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct AffiliateFilter {
    /// The beginning of the code, or beginnings of words of the contact's name or address.
    pub search: Option<String>,
    pub statuses: Option<Vec<AffiliateStatus>>,
}

impl AffiliateFilter {
    fn query<'a>(&'a self, account: AccountId) -> affiliates::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = affiliates::table
            .into_boxed()
            .filter(affiliates::account_id.eq(account));
        if let Some(statuses) = &self.statuses {
            query = query.filter(affiliates::status.eq_any(statuses));
        }
        if let Some(search) = &self.search {
            let found = "(starts_with(affiliates.code, ?) or exists (select from contacts c \
                where c.account_id = affiliates.account_id and c.id = affiliates.contact_id \
                and c.search @@ to_tsquery('simple', ?)))";
            query = query.filter(
                sql::fragment::<Bool>(found)
                    .bind::<Text, _>(search.to_lowercase())
                    .bind::<Text, _>(search_words(search)),
            );
        }
        query
    }
}

impl Affiliate {
    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        filter: &AffiliateFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = filter.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, affiliates::id, AffiliateId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, filter: &AffiliateFilter) -> Result<i64> {
        Ok(filter.query(account).count().get_result(conn).await?)
    }
}
