//! The conditions of a list of contacts.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use crate::access::model::Target;
use crate::base::db::schema::contacts;
use crate::base::db::sql;
use crate::base::ids::AccountId;
use crate::contacts::model::PortalStatus;

/// Selects the contacts that meet all conditions. A list matches any of its values.
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
    /// Has access that has not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessTo>,
}

/// Access to a course, community or offer, that has not ended at a time.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct AccessTo {
    pub target: Target,
    pub at: DateTime<Utc>,
}

pub(super) type Query<'a> = contacts::BoxedQuery<'a, Pg>;

impl Filter {
    pub fn status(status: PortalStatus, search: Option<String>) -> Self {
        Self {
            statuses: Some(vec![status as i16]),
            search,
            ..Self::default()
        }
    }

    /// The selected statuses, each once.
    pub(super) fn statuses(&self) -> Vec<i16> {
        let selected = |status: &i16| {
            self.statuses
                .as_ref()
                .is_none_or(|selected| selected.contains(status))
        };
        PortalStatus::ALL
            .iter()
            .map(|status| *status as i16)
            .filter(selected)
            .collect()
    }

    /// The contacts that meet all conditions.
    pub(super) fn query(&self, account: AccountId) -> Query<'_> {
        self.query_any_status(account)
            .filter(contacts::status.eq_any(self.statuses()))
    }

    /// The contacts that meet all conditions but the status.
    pub(super) fn query_any_status<'a>(&'a self, account: AccountId) -> Query<'a> {
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
        if let Some(AccessTo { target, at }) = self.access {
            let (from, column) = match target {
                Target::Course(_) | Target::Community(_) => ("access_paths", "item_id"),
                Target::Offer(_) => ("access_grants", "target_id"),
            };
            let has_access = format!(
                "exists (select from {from} a where a.account_id = contacts.account_id and a.contact_id = contacts.id \
                 and a.{column} = ? and (a.ends_at is null or a.ends_at > ?){})",
                if from == "access_grants" {
                    " and a.revoked_at is null"
                } else {
                    ""
                }
            );
            query = query.filter(
                sql::fragment::<Bool>(has_access)
                    .bind::<SqlUuid, _>(target.id())
                    .bind::<Timestamptz, _>(at),
            );
        }
        query
    }
}

/// A text search query for the beginnings of words: `ann exa` finds anna@example.com.
pub(crate) fn search_words(search: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_cannot_inject_operators() {
        assert_eq!(search_words("Ann @Exa"), "'ann':* & 'exa':*");
        assert_eq!(
            search_words("'); drop table contacts;--"),
            "'drop':* & 'table':* & 'contacts':*"
        );
        assert_eq!(search_words("!|&:*()"), "");
    }
}
