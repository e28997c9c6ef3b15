//! The lists of many contacts at once.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{LinkFilter, MagicLink, MagicLinkStatus};
use crate::base::db::Conn;
use crate::base::db::lateral::{for_each, owner};
use crate::base::db::schema::magic_links;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MagicLinkId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first};

impl LinkFilter {
    /// The list of the contact at hand.
    fn of_owner<'a>(&self, account: AccountId) -> magic_links::BoxedQuery<'a, diesel::pg::Pg> {
        let all = Self {
            contact: None,
            ..self.clone()
        };
        all.query(account)
            .filter(magic_links::contact_id.eq(owner::<SqlUuid>()))
    }
}

/// The list of one contact.
impl OwnedList for LinkFilter {
    type Row = MagicLink;
    type Filter = Option<MagicLinkStatus>;

    fn owner(&self) -> Option<Uuid> {
        self.contact.map(|contact| contact.0)
    }

    fn filter(&self) -> Option<MagicLinkStatus> {
        self.status
    }

    async fn pages(
        &self,
        conn: &mut Conn,
        account: AccountId,
        owners: &[Uuid],
        page: &PageRequest,
    ) -> Result<HashMap<Uuid, Page<MagicLink>>> {
        let query = self.of_owner(account).select(MagicLink::as_select());
        let query = newest_first!(query, page, magic_links::id, MagicLinkId);
        Ok(Page::cut_each(
            owners,
            for_each(owners, query).load(conn).await?,
            page,
        ))
    }

    async fn counts(
        &self,
        conn: &mut Conn,
        account: AccountId,
        owners: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        let counts: Vec<(Uuid, i64)> = for_each(owners, self.of_owner(account).count())
            .load(conn)
            .await?;
        Ok(counts.into_iter().collect())
    }
}
