//! Lists of grants: of an account, of one contact, or of many contacts in one statement.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{AccessGrant, GrantStatus};
use crate::access::model::Target;
use crate::base::db::lateral::owner;
use crate::base::db::schema::access_grants;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, GrantId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first, owned_list, page_newest_first};

/// Which grants to list, newest first. Their status is that at `now`.
#[derive(Clone, Debug)]
pub(crate) struct GrantFilter {
    pub contact: Option<ContactId>,
    pub target: Option<Target>,
    pub statuses: Vec<GrantStatus>,
    pub now: DateTime<Utc>,
}

impl GrantFilter {
    /// As [`AccessGrant::status`] computes it.
    const HAS_STATUS: &str = "(case when access_grants.revoked_at is not null then 'REVOKED' \
        when access_grants.ends_at <= ? then 'ENDED' \
        when greatest(access_grants.starts_at, (select o.starts_at from offers o \
            where o.account_id = access_grants.account_id and o.id = access_grants.offer_id)) > ? then 'SCHEDULED' \
        else 'ACTIVE' end) = any(?)";

    fn query<'a>(&self, account: AccountId) -> access_grants::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = access_grants::table
            .into_boxed()
            .filter(access_grants::account_id.eq(account));
        if let Some(contact) = self.contact {
            query = query.filter(access_grants::contact_id.eq(contact));
        }
        if let Some(target) = self.target {
            query = query.filter(access_grants::target_id.eq(target.id()));
        }
        if !self.statuses.contains(&GrantStatus::Revoked) {
            query = query.filter(access_grants::revoked_at.is_null());
        }
        if self.distinguishes_by_time() {
            let has_status = sql::fragment::<Bool>(Self::HAS_STATUS)
                .bind::<Timestamptz, _>(self.now)
                .bind::<Timestamptz, _>(self.now)
                .bind::<Array<Text>, _>(self.statuses.clone());
            query = query.filter(has_status);
        }
        query
    }

    /// Whether some of the grants that are not revoked are left out.
    fn distinguishes_by_time(&self) -> bool {
        GrantStatus::KEPT
            .iter()
            .any(|status| !self.statuses.contains(status))
    }

    /// The grants of the contact in the current row of the lateral join.
    fn of_owner<'a>(&self, account: AccountId) -> access_grants::BoxedQuery<'a, diesel::pg::Pg> {
        let all = Self {
            contact: None,
            ..self.clone()
        };
        all.query(account)
            .filter(access_grants::contact_id.eq(owner::<SqlUuid>()))
    }
}

impl AccessGrant {
    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &GrantFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, access_grants::id, GrantId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &GrantFilter) -> Result<i64> {
        Ok(of.query(account).count().get_result(conn).await?)
    }
}

impl OwnedList for GrantFilter {
    type Row = AccessGrant;
    type Filter = (Option<Target>, Vec<GrantStatus>);

    fn owner(&self) -> Option<Uuid> {
        self.contact.map(|contact| contact.0)
    }

    fn filter(&self) -> Self::Filter {
        (self.target, self.statuses.clone())
    }

    owned_list!(AccessGrant, |query, page| newest_first!(
        query,
        page,
        access_grants::id,
        GrantId
    ));
}
