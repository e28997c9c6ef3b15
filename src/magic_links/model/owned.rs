//! The lists of many contacts at once.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{LinkFilter, MagicLink, MagicLinkStatus};
use crate::base::db::lateral::owner;
use crate::base::db::schema::magic_links;
use crate::base::ids::{AccountId, MagicLinkId};
use crate::base::page::{OwnedList, newest_first, owned_list};

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

    owned_list!(MagicLink, |query, page| newest_first!(
        query,
        page,
        magic_links::id,
        MagicLinkId
    ));
}
