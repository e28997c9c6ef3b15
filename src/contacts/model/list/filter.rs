//! The conditions of a list of contacts.

use chrono::{DateTime, Utc};
use diesel::dsl::not;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::model::Target;
use crate::base::db::schema::contacts;
use crate::base::db::sql;
use crate::base::ids::AccountId;
use crate::base::page::MAX_SIZE;
use crate::contacts::model::PortalStatus;
use crate::contacts::model::list::{Order, OrderField};

/// Selects the contacts that meet all conditions. A list matches any of its values.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Filter {
    pub statuses: Option<Vec<i16>>,
    pub tags: Option<Vec<String>>,
    /// Has every one of these tags.
    pub(crate) all_tags: Option<Vec<String>>,
    /// Has none of these tags.
    pub(crate) no_tags: Option<Vec<String>>,
    pub search: Option<String>,
    pub created_after: Option<DateTime<Utc>>,
    pub created_before: Option<DateTime<Utc>>,
    pub(crate) invited_after: Option<DateTime<Utc>>,
    pub invited_before: Option<DateTime<Utc>>,
    pub joined_after: Option<DateTime<Utc>>,
    pub(crate) joined_before: Option<DateTime<Utc>>,
    pub(crate) last_seen_after: Option<DateTime<Utc>>,
    pub last_seen_before: Option<DateTime<Utc>>,
    pub(crate) access: Vec<AccessTo>,
    pub(crate) progress: Option<ProgressIn>,
    pub(crate) affiliate: Option<bool>,
}

/// Access to one of several courses, communities or offers, all of one kind, that has not ended at a time; or none to any.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct AccessTo {
    pub targets: Vec<Target>,
    pub has: bool,
    pub at: DateTime<Utc>,
}

/// How far a contact is in a course.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[graphql(name = "CourseProgressStatus")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CourseProgress {
    /// No lesson was opened.
    NotStarted,
    /// A lesson was opened, and not all are completed.
    Started,
    /// All lessons are completed.
    Completed,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct ProgressIn {
    pub course: Target,
    pub progress: CourseProgress,
}

pub(crate) type Query<'a> = contacts::BoxedQuery<'a, Pg>;

impl Filter {
    pub fn status(status: PortalStatus, search: Option<String>) -> Self {
        Self {
            statuses: Some(vec![status as i16]),
            search,
            ..Self::default()
        }
    }

    /// What the conditions name, each with its place among them.
    pub(crate) fn targets(&self) -> Vec<(String, Target)> {
        let accesses = self.access.iter().flat_map(AccessTo::named);
        let progress = self.progress.iter();
        let progress = progress.map(|progress| ("courseProgress.courseId".to_owned(), progress.course));
        accesses.chain(progress).collect()
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
    pub(crate) fn query(&self, account: AccountId) -> Query<'_> {
        self.query_any_status(account)
            .filter(contacts::status.eq_any(self.statuses()))
    }

    /// The queries that together list the contacts in an order: one for each status, whose part of the index has it.
    pub(super) fn parts(&self, account: AccountId, order: Order, size: usize) -> Vec<Query<'_>> {
        let statuses = self.statuses();
        let every_status = statuses.len() == PortalStatus::ALL.len();
        let one_page = size <= MAX_SIZE;
        if one_page && self.access.iter().any(|access| !access.has) {
            // PostgreSQL would walk the order until enough contacts are without access, which may be none of a million, and look for
            // the grants of each. The offset makes it find all of them first, at once. An export walks the whole order anyway.
            let matching = self.query(account).select(contacts::id).offset(0);
            let all = contacts::table
                .into_boxed()
                .filter(contacts::account_id.eq(account));
            vec![all.filter(contacts::id.eq_any(matching))]
        } else if every_status && order.field == OrderField::CreatedAt {
            vec![self.query_any_status(account)]
        } else {
            let of_status = |status| self.query_any_status(account).filter(contacts::status.eq(status));
            statuses.into_iter().map(of_status).collect()
        }
    }

    /// Whether there is a condition other than the status.
    fn narrows(&self) -> bool {
        let any_contact = Self {
            statuses: self.statuses.clone(),
            ..Self::default()
        };
        *self != any_contact
    }

    /// The contacts that meet all conditions but the status.
    fn query_any_status<'a>(&'a self, account: AccountId) -> Query<'a> {
        let mut query = contacts::table
            .into_boxed()
            .filter(contacts::account_id.eq(account));
        if self.narrows() {
            query = query.filter(sql::planned_with_values());
        }
        if let Some(tags) = &self.tags {
            query = query.filter(contacts::tags.overlaps_with(tags));
        }
        if let Some(words) = self.search.as_deref().map(search_words) {
            query = query
                .filter(sql::fragment::<Bool>("search @@ to_tsquery('simple', ?)").bind::<Text, _>(words));
        }
        if let Some(tags) = &self.all_tags {
            query = query.filter(contacts::tags.contains(tags));
        }
        if let Some(tags) = &self.no_tags {
            query = query.filter(not(contacts::tags.overlaps_with(tags)));
        }
        query = self.within_times(query);
        for access in &self.access {
            query = query.filter(access.condition());
        }
        if let Some(ProgressIn { course, progress }) = &self.progress {
            let condition = sql::fragment::<Bool>(progress.condition());
            query = query.filter(
                condition
                    .bind::<SqlUuid, _>(course.id())
                    .bind::<SqlUuid, _>(course.id()),
            );
        }
        if let Some(affiliate) = self.affiliate {
            let not = if affiliate { "" } else { "not " };
            let condition = format!(
                "{not}exists (select from affiliates f where f.account_id = contacts.account_id \
                 and f.contact_id = contacts.id)"
            );
            query = query.filter(sql::fragment::<Bool>(condition));
        }
        query
    }

    fn within_times<'a>(&self, mut query: Query<'a>) -> Query<'a> {
        if let Some(at) = self.created_after {
            query = query.filter(contacts::created_at.gt(at));
        }
        if let Some(at) = self.created_before {
            query = query.filter(contacts::created_at.lt(at));
        }
        if let Some(at) = self.invited_after {
            query = query.filter(contacts::invited_at.gt(at));
        }
        if let Some(at) = self.invited_before {
            query = query.filter(contacts::invited_at.lt(at));
        }
        if let Some(at) = self.joined_after {
            query = query.filter(contacts::joined_at.gt(at));
        }
        if let Some(at) = self.joined_before {
            query = query.filter(contacts::joined_at.lt(at));
        }
        if let Some(at) = self.last_seen_after {
            query = query.filter(contacts::last_seen_at.gt(at));
        }
        if let Some(at) = self.last_seen_before {
            query = query.filter(contacts::last_seen_at.lt(at));
        }
        query
    }
}

type Condition = Box<dyn BoxableExpression<contacts::table, Pg, SqlType = Bool>>;

impl AccessTo {
    pub(crate) fn one(target: Target, at: DateTime<Utc>) -> Self {
        Self {
            targets: vec![target],
            has: true,
            at,
        }
    }

    /// The targets, each with its place in the API's `ContactFilter`.
    fn named(&self) -> impl Iterator<Item = (String, Target)> {
        let noun = self
            .targets
            .first()
            .map(|target| target.noun())
            .unwrap_or_default();
        let name = match (self.has, noun) {
            (true, noun) => format!("{noun}Ids"),
            (false, noun) => format!("without{}{}Ids", noun[..1].to_ascii_uppercase(), &noun[1..]),
        };
        let targets = self.targets.iter().enumerate();
        targets.map(move |(index, target)| (format!("{name}.{index}"), *target))
    }

    fn condition(&self) -> Condition {
        let (from, column) = match self.targets.first() {
            Some(Target::Offer(_)) => ("access_grants", "revoked_at is null and a.target_id"),
            _ => ("access_paths", "item_id"),
        };
        let not = if self.has { "" } else { "not " };
        let text = format!(
            "{not}exists (select from {from} a where a.account_id = contacts.account_id and a.contact_id = contacts.id \
             and a.{column} = any(?) and (a.ends_at is null or a.ends_at > ?))"
        );
        let ids: Vec<Uuid> = self.targets.iter().map(|target| target.id()).collect();
        Box::new(
            sql::fragment::<Bool>(text)
                .bind::<Array<SqlUuid>, _>(ids)
                .bind::<Timestamptz, _>(self.at),
        )
    }
}

impl CourseProgress {
    /// With the course, twice.
    fn condition(self) -> String {
        let started = "exists (select from lesson_progress p where p.account_id = contacts.account_id \
            and p.contact_id = contacts.id and p.course_id = ?)";
        let open = "exists (select from lessons l where l.account_id = contacts.account_id and l.course_id = ? \
            and not exists (select from lesson_progress p where p.account_id = l.account_id and p.contact_id = contacts.id \
            and p.lesson_id = l.id and p.completed_at is not null))";
        match self {
            Self::NotStarted => format!("not {started} and {open}"),
            Self::Started => format!("{started} and {open}"),
            Self::Completed => format!("{started} and not {open}"),
        }
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
