//! Pages of messages, and their number.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::filter::{Query, but_address, by_address, by_subject};
use super::{Message, MessageFilter};
use crate::base::db::Conn;
use crate::base::db::parts::Parts;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::base::page::{Page, PageRequest, newest_first};

impl Message {
    /// Newest first. Each kind and status is read from its part of an index, so that a page costs the same wherever its messages lie.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        if of.of_one_contact() {
            let rows = load(conn, of.query(account), None, page).await?;
            return Ok(Page::cut(rows, page));
        }
        let any_class = of.of_any_class(account);
        let Some(text) = &of.conditions.search else {
            let rows = load(conn, any_class, of.classes(), page).await?;
            return Ok(Page::cut(rows, page));
        };
        let mut rows = load(conn, by_address(any_class, text), of.classes(), page).await?;
        rows.extend(
            load(
                conn,
                by_subject(of.without_search(account), account, text),
                None,
                page,
            )
            .await?,
        );
        rows.sort_unstable_by_key(|row| row.id.0);
        rows.dedup_by_key(|row| row.id);
        if !page.backward {
            rows.reverse();
        }
        rows.truncate(page.size + 1);
        Ok(Page::cut(rows, page))
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &MessageFilter) -> Result<i64> {
        let Some(text) = of.conditions.search.as_ref().filter(|_| !of.of_one_contact()) else {
            return Ok(of.query(account).count().get_result(conn).await?);
        };
        let to_address: i64 = by_address(of.without_search(account), text)
            .count()
            .get_result(conn)
            .await?;
        let by_subject: i64 = but_address(by_subject(of.without_search(account), account, text), text)
            .count()
            .get_result(conn)
            .await?;
        Ok(to_address + by_subject)
    }
}

/// The first rows of the page's direction, one more than it has.
async fn load(
    conn: &mut Conn,
    query: Query<'_>,
    parts: Option<Parts>,
    page: &PageRequest,
) -> Result<Vec<Message>> {
    let query = query.select(Message::as_select());
    let Some(parts) = parts else {
        let query = newest_first!(query, page, messages::id, MessageId);
        return Ok(query.load(conn).await?);
    };
    let direction = if page.backward { "asc" } else { "desc" };
    let part = newest_first!(query.filter(parts.condition()), page, messages::id, MessageId);
    let part = part.order(parts.order(direction));
    Ok(parts
        .merge(part, direction, page.size as i64 + 1)
        .load(conn)
        .await?)
}
