//! Lists of contacts. Every order has an index that is split by status, so a page costs the same wherever it starts.

mod conditions;
mod filter;
mod order;

pub(crate) use conditions::{Conditions, parse_search, parse_tags};
pub use filter::Filter;
pub(crate) use filter::{AccessTo, CourseProgress, search_words};
pub(crate) use order::{Order, OrderDirection, OrderField};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use crate::base::db::schema::contacts;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::{Page, PageRequest};
use crate::contacts::model::Contact;

/// If a search finds no more contacts than this, they are looked up one by one.
const FEW_FOUND: usize = 1_000;

impl Contact {
    /// One page. Reads each status from its part of the index and merges the parts.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        order: Order,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        // Few matches are all read, and not looked for along the order, which may be that of millions.
        let found = match filter.search.as_deref().map(search_words) {
            Some(words) => Self::few_with_words(conn, account, words, FEW_FOUND).await?,
            None => None,
        };
        let mut queries = Vec::new();
        let order_descends = order.direction == OrderDirection::Desc;
        let descending = order_descends != page.backward;
        let direction = if descending { "desc" } else { "asc" };
        let by = match order.field {
            OrderField::CreatedAt => format!("id {direction}"),
            _ => format!("{} {direction}, id {direction}", order.expression()),
        };
        for mut query in filter.parts(account, order, page.size) {
            if let Some(found) = &found {
                query = query.filter(contacts::id.eq_any(found));
            }
            if let Some(after) = &page.after {
                query = order.seek(query, after, !order_descends)?;
            }
            if let Some(before) = &page.before {
                query = order.seek(query, before, order_descends)?;
            }
            let part = query
                .select(Self::as_select())
                .order(sql::fragment::<Text>(by.clone()))
                .limit(page.size as i64 + 1);
            queries.push(part);
        }
        let mut queries = queries.into_iter();
        let parts = [queries.next(), queries.next(), queries.next(), queries.next()];
        // One statement reads one snapshot: a contact whose status changes meanwhile is neither missed nor listed twice.
        let mut rows: Vec<Self> = match parts {
            [None, ..] => Vec::new(),
            [Some(a), None, ..] => a.load(conn).await?,
            [Some(a), Some(b), None, _] => a.union_all(b).load(conn).await?,
            [Some(a), Some(b), Some(c), None] => a.union_all(b).union_all(c).load(conn).await?,
            [Some(a), Some(b), Some(c), Some(d)] => {
                a.union_all(b).union_all(c).union_all(d).load(conn).await?
            }
        };
        let key = |contact: &Self| {
            let position = order.position(contact);
            (position.key, position.id)
        };
        rows.sort_by_cached_key(key);
        if descending {
            rows.reverse();
        }
        rows.truncate(page.size + 1);
        Ok(Page::cut(rows, page))
    }

    pub async fn count(conn: &mut Conn, account: AccountId, filter: &Filter) -> Result<i64> {
        let query = filter.query(account).filter(sql::planned_with_values());
        Ok(query.count().get_result(conn).await?)
    }

    /// The next ids of the matching contacts, in the order of ids, for jobs that process each contact once.
    pub(crate) async fn list_ids(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<Vec<ContactId>> {
        let mut query = filter.query(account);
        if let Some(after) = after {
            query = query.filter(contacts::id.gt(after));
        }
        Ok(query
            .select(contacts::id)
            .order(contacts::id)
            .limit(limit as i64)
            .load(conn)
            .await?)
    }

    /// The contacts that a search finds, as [`search_words`] writes it; `None` if there are more than `limit`.
    pub(crate) async fn few_with_words(
        conn: &mut Conn,
        account: AccountId,
        words: String,
        limit: usize,
    ) -> Result<Option<Vec<ContactId>>> {
        let search = sql::fragment::<Bool>("search @@ to_tsquery('simple', ?)").bind::<Text, _>(words);
        let found: Vec<ContactId> = contacts::table
            .filter(contacts::account_id.eq(account))
            .filter(search)
            .filter(sql::planned_with_values())
            .select(contacts::id)
            .limit(limit as i64 + 1)
            .load(conn)
            .await?;
        Ok((found.len() <= limit).then_some(found))
    }

    /// Which of these contacts match.
    pub(crate) async fn matching(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        ids: &[ContactId],
    ) -> Result<Vec<ContactId>> {
        let query = filter.query(account).filter(contacts::id.eq_any(ids));
        Ok(query.select(contacts::id).load(conn).await?)
    }
}
