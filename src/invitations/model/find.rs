//! Finders of invitations, scoped to one account.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Invitation, InvitationStatus};
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::base::page::{Page, PageRequest, page_newest_first};

impl Invitation {
    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: InvitationId) -> Result<Option<Self>> {
        Ok(invitations::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[InvitationId],
    ) -> Result<Vec<Self>> {
        Ok(invitations::table
            .filter(invitations::account_id.eq(account))
            .filter(invitations::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, Self>> {
        let found: Vec<Self> = invitations::table
            .filter(invitations::account_id.eq(account))
            .filter(invitations::contact_id.eq_any(contacts))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(found.into_iter().map(|one| (one.contact_id, one)).collect())
    }

    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        status: Option<InvitationStatus>,
        page: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<Page<Self>> {
        let query = Self::with_status(account, status, now).select(Self::as_select());
        page_newest_first!(conn, query, page, invitations::id, InvitationId)
    }

    pub(crate) async fn count(
        conn: &mut Conn,
        account: AccountId,
        status: Option<InvitationStatus>,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        Ok(Self::with_status(account, status, now)
            .count()
            .get_result(conn)
            .await?)
    }

    fn with_status<'a>(
        account: AccountId,
        status: Option<InvitationStatus>,
        now: DateTime<Utc>,
    ) -> invitations::BoxedQuery<'a, diesel::pg::Pg> {
        use invitations::{accepted_at, account_id, cancelled_at, expires_at};
        let query = invitations::table.into_boxed().filter(account_id.eq(account));
        let unanswered = accepted_at.is_null().and(cancelled_at.is_null());
        match status {
            None => query,
            Some(InvitationStatus::Accepted) => query.filter(accepted_at.is_not_null()),
            Some(InvitationStatus::Cancelled) => {
                query.filter(accepted_at.is_null().and(cancelled_at.is_not_null()))
            }
            Some(InvitationStatus::Expired) => query.filter(unanswered.and(expires_at.le(now))),
            Some(InvitationStatus::Open) => query.filter(unanswered.and(expires_at.gt(now))),
        }
    }
}
