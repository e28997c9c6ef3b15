//! The lists of many contacts at once.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Message, MessageFilter, MessageStatus};
use crate::base::db::Conn;
use crate::base::db::lateral::{for_each, owner};
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first};

impl MessageFilter {
    /// The list of the contact at hand.
    fn of_owner<'a>(&self, account: AccountId) -> messages::BoxedQuery<'a, diesel::pg::Pg> {
        let all = Self {
            contact: None,
            ..*self
        };
        all.query(account)
            .filter(messages::contact_id.eq(owner::<Nullable<SqlUuid>>()))
    }
}

/// The list of one contact.
impl OwnedList for MessageFilter {
    type Row = Message;
    type Filter = Option<MessageStatus>;

    fn owner(&self) -> Option<Uuid> {
        self.contact.map(|contact| contact.0)
    }

    fn filter(&self) -> Option<MessageStatus> {
        self.status
    }

    async fn pages(
        &self,
        conn: &mut Conn,
        account: AccountId,
        owners: &[Uuid],
        page: &PageRequest,
    ) -> Result<HashMap<Uuid, Page<Message>>> {
        let query = self.of_owner(account).select(Message::as_select());
        let query = newest_first!(query, page, messages::id, MessageId);
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
