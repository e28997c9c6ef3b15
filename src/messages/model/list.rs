//! Pages of messages, and their number.

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::filter::{Query, by_address, by_address_or_subject};
use super::{Message, MessageFilter, MessageKind};
use crate::base::db::parts::Parts;
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::base::page::{Page, PageRequest, newest_first};

/// An account's messages have few different subjects: each look-up finds the next one in the index.
const SUBJECTS: &str = "with recursive known (kind, subject) as (( \
         select kind, subject from messages where account_id = ? and contact_id is not null and subject is not null \
         order by kind, subject limit 1) \
     union all \
         select next.* from known cross join lateral ( \
             select m.kind, m.subject from messages m \
             where m.account_id = ? and m.contact_id is not null and m.subject is not null \
                 and row(m.kind, m.subject) > row(known.kind, known.subject) \
             order by m.kind, m.subject limit 1) next) \
     select kind, subject from known where strpos(lower(subject), lower(?)) > 0";

#[derive(QueryableByName)]
struct Subject {
    #[diesel(sql_type = Text)]
    kind: MessageKind,
    #[diesel(sql_type = Text)]
    subject: String,
}

impl Message {
    /// Newest first. Each kind, status and subject is read from its part of an index, so that a page costs the same wherever its
    /// messages lie.
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
        let subjects = subjects_with(conn, account, text).await?;
        if !subjects.is_empty() {
            let parts = of.subject_parts(subjects);
            rows.extend(load(conn, of.of_any_class(account), Some(parts), page).await?);
            rows.sort_unstable_by_key(|row| row.id.0);
            rows.dedup_by_key(|row| row.id);
            if !page.backward {
                rows.reverse();
            }
            rows.truncate(page.size + 1);
        }
        Ok(Page::cut(rows, page))
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &MessageFilter) -> Result<i64> {
        let query = match &of.conditions.search {
            Some(text) if !of.of_one_contact() => {
                let subjects = subjects_with(conn, account, text).await?;
                let query = of.without_search(account);
                if subjects.is_empty() {
                    by_address(query, text)
                } else {
                    by_address_or_subject(query, text, subjects)
                }
            }
            _ => of.query(account),
        };
        Ok(query.count().get_result(conn).await?)
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

/// The account's subjects that contain the text, each with its kind.
async fn subjects_with(
    conn: &mut Conn,
    account: AccountId,
    text: &str,
) -> Result<Vec<(MessageKind, String)>> {
    let found: Vec<Subject> = sql::statement(SUBJECTS)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(text)
        .load(conn)
        .await?;
    Ok(found
        .into_iter()
        .map(|found| (found.kind, found.subject))
        .collect())
}
