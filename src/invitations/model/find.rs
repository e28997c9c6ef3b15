//! Finders of invitations, scoped to one account.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Invitation, InvitationFilter};
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::contacts::model::Contact;

/// If a search finds no more contacts than this, their invitations are looked up one by one.
const FEW_CONTACTS: usize = 1_000;

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
        filter: &InvitationFilter,
        page: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<Page<Self>> {
        let found = match filter.words() {
            Some(words) => Contact::few_with_words(conn, account, words, FEW_CONTACTS).await?,
            None => None,
        };
        let query = match found {
            // With many, the newest invitations of the account contain enough matches.
            None => filter.query(account, now),
            Some(found) => {
                let query = filter.without_search(account, now);
                query.filter(invitations::contact_id.eq_any(found))
            }
        };
        let query = query.select(Self::as_select());
        page_newest_first!(conn, query, page, invitations::id, InvitationId)
    }

    pub(crate) async fn count(
        conn: &mut Conn,
        account: AccountId,
        filter: &InvitationFilter,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        Ok(filter.query(account, now).count().get_result(conn).await?)
    }
}
