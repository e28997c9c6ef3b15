//! Which invitations a list or a job selects.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::InvitationStatus;
use crate::base::db::schema::invitations;
use crate::base::db::sql;
use crate::base::ids::AccountId;
use crate::contacts::model::list::search_words;

/// The same as `Invitation::status`.
const STATUS_IS_ONE_OF: &str = "(case when accepted_at is not null then 'ACCEPTED' when cancelled_at is not null then 'CANCELLED' \
     when expires_at <= ? then 'EXPIRED' else 'OPEN' end) = any(?)";

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
    pub(super) fn query<'a>(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> invitations::BoxedQuery<'a, Pg> {
        let mut query = invitations::table
            .into_boxed()
            .filter(invitations::account_id.eq(account));
        if let Some(statuses) = &self.statuses {
            query = query.filter(
                sql::fragment::<Bool>(STATUS_IS_ONE_OF)
                    .bind::<Timestamptz, _>(now)
                    .bind::<Array<Text>, _>(statuses.clone()),
            );
        }
        if let Some(at) = self.expires_before {
            query = query.filter(invitations::expires_at.lt(at));
        }
        if let Some(words) = self.search.as_deref().map(search_words) {
            let of_contacts = "contact_id in (select contacts.id from contacts \
                 where contacts.account_id = ? and contacts.search @@ to_tsquery('simple', ?))";
            query = query.filter(
                sql::fragment::<Bool>(of_contacts)
                    .bind::<SqlUuid, _>(account)
                    .bind::<Text, _>(words),
            );
        }
        query
    }
}
