//! The orders of a list of contacts, each with its own index.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::filter::Query;
use crate::base::db::schema::contacts;
use crate::base::db::sql;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::base::page::Position;
use crate::contacts::model::Contact;

/// What contacts are ordered by.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "ContactOrderField")]
pub(crate) enum OrderField {
    /// When the contact was added.
    CreatedAt,
    /// When they were invited; those never invited count as oldest.
    InvitedAt,
    /// When they joined; those who have not count as oldest.
    JoinedAt,
    /// When they were last seen, to the day; those never seen count as oldest.
    LastSeenAt,
    /// By address.
    Email,
    /// By first and last name.
    Name,
}

/// Ascending or descending.
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

impl Order {
    pub(crate) const NEWEST_FIRST: Self = Self {
        field: OrderField::CreatedAt,
        direction: OrderDirection::Desc,
    };

    /// The name of the list in cursors.
    pub(crate) fn list_name(self) -> String {
        let direction = match self.direction {
            OrderDirection::Asc => "ASC",
            OrderDirection::Desc => "DESC",
        };
        format!("contacts/{:?}/{direction}", self.field)
    }

    /// The indexed expression. Rows without a value sort before all others.
    pub(super) fn expression(self) -> &'static str {
        match self.field {
            OrderField::CreatedAt => "''",
            OrderField::InvitedAt => "coalesce(invited_at, '1970-01-01Z'::timestamptz)",
            OrderField::JoinedAt => "coalesce(joined_at, '1970-01-01Z'::timestamptz)",
            OrderField::LastSeenAt => "coalesce(last_seen_at, '1970-01-01Z'::timestamptz)",
            OrderField::Email => "coalesce(email_key, '')",
            OrderField::Name => "name_key",
        }
    }

    /// The position of a contact in this order, for cursors.
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

    /// Narrows the query to the rows after or before a position.
    pub(super) fn seek<'a>(self, query: Query<'a>, position: &Position, greater: bool) -> Result<Query<'a>> {
        let id = ContactId(position.id);
        let operator = if greater { ">" } else { "<" };
        let row = format!("({}, id) {operator} (?, ?)", self.expression());
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
