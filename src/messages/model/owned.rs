//! The message lists of many contacts, read together.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Message, MessageConditions, MessageFilter};
use crate::base::db::lateral::owner;
use crate::base::db::schema::messages;
use crate::base::ids::{AccountId, MessageId};
use crate::base::page::{OwnedList, newest_first, owned_list};

impl MessageFilter {
    /// The list of the current owner.
    fn of_owner<'a>(&self, account: AccountId) -> messages::BoxedQuery<'a, diesel::pg::Pg> {
        let all = Self {
            contact: None,
            ..self.clone()
        };
        all.query(account)
            .filter(messages::contact_id.eq(owner::<Nullable<SqlUuid>>()))
    }
}

/// The list of one contact.
impl OwnedList for MessageFilter {
    type Row = Message;
    type Filter = (bool, MessageConditions);

    fn owner(&self) -> Option<Uuid> {
        self.contact.map(|contact| contact.0)
    }

    fn filter(&self) -> Self::Filter {
        (self.with_invitation, self.conditions.clone())
    }

    owned_list!(Message, |query, page| newest_first!(
        query,
        page,
        messages::id,
        MessageId
    ));
}
