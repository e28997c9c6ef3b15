//! Which invitations a list or a job selects.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::InvitationStatus;
use crate::base::db::schema::invitations;
use crate::base::db::sql;
use crate::base::ids::{AccountId, InvitationId, lowest_uuid_at};
use crate::contacts::model::list::search_words;

const OF_FOUND_CONTACTS: &str = "contact_id in (select contacts.id from contacts \
     where contacts.account_id = ? and contacts.search @@ to_tsquery('simple', ?))";

type Query<'a> = invitations::BoxedQuery<'a, Pg>;

/// Selects the invitations that meet all conditions.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct InvitationFilter {
    /// The status is one of these.
    pub statuses: Option<Vec<InvitationStatus>>,
    pub expires_before: Option<DateTime<Utc>>,
    /// Words of the contact's name or address.
    pub search: Option<String>,
}

impl InvitationFilter {
    /// Adds the condition that the status is this one.
    pub(crate) fn require_status(&mut self, status: InvitationStatus) {
        let statuses = self.statuses.get_or_insert_with(|| vec![status]);
        statuses.retain(|one| *one == status);
    }

    /// The matches at this time.
    pub(super) fn query<'a>(&self, account: AccountId, now: DateTime<Utc>) -> Query<'a> {
        let query = self.without_search(account, now);
        match self.words() {
            None => query,
            Some(words) => query.filter(sql::planned_with_values()).filter(
                sql::fragment::<Bool>(OF_FOUND_CONTACTS)
                    .bind::<SqlUuid, _>(account)
                    .bind::<Text, _>(words),
            ),
        }
    }

    /// The search as PostgreSQL takes it.
    pub(super) fn words(&self) -> Option<String> {
        self.search.as_deref().map(search_words)
    }

    pub(super) fn without_search<'a>(&self, account: AccountId, now: DateTime<Utc>) -> Query<'a> {
        let mut query = invitations::table
            .into_boxed()
            .filter(invitations::account_id.eq(account));
        if let Some(statuses) = &self.statuses {
            query = with_status(query, statuses, now);
        }
        if let Some(at) = self.expires_before {
            // It was created before it expires: that is a range of the list.
            query = query
                .filter(invitations::expires_at.lt(at))
                .filter(invitations::id.lt(InvitationId(lowest_uuid_at(at))));
        }
        query
    }
}

/// Selects by [`Invitation::status`](super::Invitation::status), with conditions that an index can meet.
fn with_status<'a>(query: Query<'a>, statuses: &[InvitationStatus], now: DateTime<Utc>) -> Query<'a> {
    let condition = |status: &InvitationStatus| match status {
        InvitationStatus::Accepted => "accepted_at is not null",
        InvitationStatus::Cancelled => "(accepted_at is null and cancelled_at is not null)",
        InvitationStatus::Expired => "(accepted_at is null and cancelled_at is null and expires_at <= ?)",
        InvitationStatus::Open => "(accepted_at is null and cancelled_at is null and expires_at > ?)",
    };
    if statuses.is_empty() {
        return query.filter(sql::fragment::<Bool>("false"));
    }
    let any = statuses.iter().map(condition).collect::<Vec<_>>().join(" or ");
    let time_count = any.matches('?').count();
    let any = sql::fragment::<Bool>(format!("({any})"));
    match time_count {
        0 => query.filter(any),
        1 => query.filter(any.bind::<Timestamptz, _>(now)),
        _ => query.filter(any.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(now)),
    }
}
