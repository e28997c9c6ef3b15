//! The links of a contact who is merged into another.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::MagicLink;
use crate::base::db::Conn;
use crate::base::db::schema::magic_links;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

impl MagicLink {
    /// Gives the links of a contact to another one; both rows are locked. They still sign the person in, but count like links whose
    /// URL staff have seen: the mailbox that they were sent to is not the one of the contact that they open from now on.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
    ) -> Result<()> {
        diesel::update(magic_links::table)
            .filter(magic_links::account_id.eq(account))
            .filter(magic_links::contact_id.eq(from))
            .set((
                magic_links::contact_id.eq(to),
                magic_links::staff_seen.eq(true),
                magic_links::email_key.eq(None::<String>),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }
}
