//! Lists of contacts: every order is an index, split by status, so that a page costs the same wherever it lies.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::schema::contacts;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::{Page, PageRequest, Position};
use crate::contacts::model::{Contact, PortalStatus};

/// What contacts are ordered by.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "ContactOrderField")]
pub(crate) enum OrderField {
    /// When the contact was added.
    CreatedAt,
    /// When it was invited; those never invited count as oldest.
    InvitedAt,
    /// When it joined; those who have not count as oldest.
    JoinedAt,
    /// When it was last seen, to the day; those never seen count as oldest.
    LastSeenAt,
    /// By address.
    Email,
    /// By first and last name.
    Name,
}

/// Upwards or downwards.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderDirection {
    /// The smallest or oldest first.
    Asc,
    /// The largest or newest first.
    Desc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub field: OrderField,
    pub direction: OrderDirection,
}

/// Which contacts: all conditions hold; lists mean 'one of'.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Filter {
    pub statuses: Option<Vec<i16>>,
    pub tags: Option<Vec<String>>,
    pub search: Option<String>,
    pub created_after: Option<DateTime<Utc>>,
    pub created_before: Option<DateTime<Utc>>,
    pub invited_before: Option<DateTime<Utc>>,
    pub joined_after: Option<DateTime<Utc>>,
    pub last_seen_before: Option<DateTime<Utc>>,
}

type Query<'a> = contacts::BoxedQuery<'a, Pg>;

impl Filter {
    pub fn status(status: PortalStatus, search: Option<String>) -> Self {
        Self {
            statuses: Some(vec![status as i16]),
            search,
            ..Self::default()
        }
    }

    /// The statuses to look in, each once.
    fn statuses(&self) -> Vec<i16> {
        let asked = |status: &i16| self.statuses.as_ref().is_none_or(|asked| asked.contains(status));
        PortalStatus::ALL
            .iter()
            .map(|status| *status as i16)
            .filter(asked)
            .collect()
    }

    fn narrow<'a>(&'a self, account: AccountId) -> Query<'a> {
        let mut query = contacts::table
            .into_boxed()
            .filter(contacts::account_id.eq(account));
        if let Some(tags) = &self.tags {
            query = query.filter(contacts::tags.overlaps_with(tags));
        }
        if let Some(words) = self.search.as_deref().map(search_words) {
            query = query
                .filter(sql::fragment::<Bool>("search @@ to_tsquery('simple', ?)").bind::<Text, _>(words));
        }
        if let Some(at) = self.created_after {
            query = query.filter(contacts::created_at.gt(at));
        }
        if let Some(at) = self.created_before {
            query = query.filter(contacts::created_at.lt(at));
        }
        if let Some(at) = self.invited_before {
            query = query.filter(contacts::invited_at.lt(at));
        }
        if let Some(at) = self.joined_after {
            query = query.filter(contacts::joined_at.gt(at));
        }
        if let Some(at) = self.last_seen_before {
            query = query.filter(contacts::last_seen_at.lt(at));
        }
        query
    }
}

/// Every word as the beginning of a word: `ann exa` finds anna@example.com.
fn search_words(search: &str) -> String {
    let lower = search.to_lowercase();
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(10);
    words
        .map(|word| format!("'{word}':*"))
        .collect::<Vec<_>>()
        .join(" & ")
}

impl Order {
    pub(crate) fn list(self) -> String {
        let direction = match self.direction {
            OrderDirection::Asc => "ASC",
            OrderDirection::Desc => "DESC",
        };
        format!("contacts/{:?}/{direction}", self.field)
    }

    /// The indexed expression; rows without a value come before all others.
    fn expression(self) -> &'static str {
        match self.field {
            OrderField::CreatedAt => "''",
            OrderField::InvitedAt => "coalesce(invited_at, '1970-01-01Z'::timestamptz)",
            OrderField::JoinedAt => "coalesce(joined_at, '1970-01-01Z'::timestamptz)",
            OrderField::LastSeenAt => "coalesce(last_seen_at, '1970-01-01Z'::timestamptz)",
            OrderField::Email => "coalesce(email_key, '')",
            OrderField::Name => "name_key",
        }
    }

    pub(crate) fn position(self, contact: &Contact) -> Position {
        let time = |at: Option<DateTime<Utc>>| {
            at.unwrap_or(DateTime::UNIX_EPOCH)
                .to_rfc3339_opts(SecondsFormat::Micros, true)
        };
        let key = match self.field {
            OrderField::CreatedAt => String::new(),
            OrderField::InvitedAt => time(contact.invited_at),
            OrderField::JoinedAt => time(contact.joined_at),
            OrderField::LastSeenAt => time(contact.last_seen_at),
            OrderField::Email => contact.email_key.clone().unwrap_or_default(),
            OrderField::Name => contact.name_key.clone(),
        };
        Position {
            key,
            id: contact.id.0,
        }
    }

    fn bound<'a>(self, query: Query<'a>, position: &Position, greater: bool) -> Result<Query<'a>> {
        let id = ContactId(position.id);
        let sign = if greater { ">" } else { "<" };
        let row = format!("({}, id) {sign} (?, ?)", self.expression());
        Ok(match self.field {
            OrderField::CreatedAt if greater => query.filter(contacts::id.gt(id)),
            OrderField::CreatedAt => query.filter(contacts::id.lt(id)),
            OrderField::Email | OrderField::Name => query.filter(
                sql::fragment::<Bool>(row)
                    .bind::<Text, _>(position.key.clone())
                    .bind::<SqlUuid, _>(id),
            ),
            _ => {
                let at = (position.key.parse().ok())
                    .filter(|at: &DateTime<Utc>| (0..10_000).contains(&at.year()))
                    .ok_or_else(|| {
                        Error::bad_input("after", "It is not a cursor of this list in this order.")
                    })?;
                query.filter(
                    sql::fragment::<Bool>(row)
                        .bind::<Timestamptz, _>(at)
                        .bind::<SqlUuid, _>(id),
                )
            }
        })
    }
}

impl Contact {
    /// One page. Reads each status from its part of the index and merges.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        order: Order,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let mut queries = Vec::new();
        let statuses = filter.statuses();
        let whole = statuses.len() == PortalStatus::ALL.len() && order.field == OrderField::CreatedAt;
        let parts = if whole {
            vec![None]
        } else {
            statuses.into_iter().map(Some).collect()
        };
        let order_descends = order.direction == OrderDirection::Desc;
        let descending = order_descends != page.backward;
        for status in parts {
            let mut query = filter.narrow(account);
            if let Some(status) = status {
                query = query.filter(contacts::status.eq(status));
            }
            if let Some(after) = &page.after {
                query = order.bound(query, after, !order_descends)?;
            }
            if let Some(before) = &page.before {
                query = order.bound(query, before, order_descends)?;
            }
            let direction = if descending { "desc" } else { "asc" };
            let by = match order.field {
                OrderField::CreatedAt => format!("id {direction}"),
                _ => format!("{} {direction}, id {direction}", order.expression()),
            };
            let part = query
                .select(Self::as_select())
                .order(sql::fragment::<Text>(by))
                .limit(page.size as i64 + 1);
            queries.push(part);
        }
        let mut queries = queries.into_iter();
        let parts = [queries.next(), queries.next(), queries.next(), queries.next()];
        // One statement sees one state: who moves on to another status meanwhile is neither missed nor listed twice.
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

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, filter: &Filter) -> Result<i64> {
        let query = filter
            .narrow(account)
            .filter(contacts::status.eq_any(filter.statuses()));
        Ok(query.count().get_result(conn).await?)
    }

    /// The next ids of a walk over all that match, in the order of ids: for jobs, which visit each contact once.
    pub(crate) async fn walk(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<Vec<ContactId>> {
        let mut query = filter
            .narrow(account)
            .filter(contacts::status.eq_any(filter.statuses()));
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_can_not_break_out_of_its_words() {
        assert_eq!(search_words("Ann @Exa"), "'ann':* & 'exa':*");
        assert_eq!(
            search_words("'); drop table contacts;--"),
            "'drop':* & 'table':* & 'contacts':*"
        );
        assert_eq!(search_words("!|&:*()"), "");
    }
}
