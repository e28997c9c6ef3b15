//! The invitation of a contact who is merged into another. A contact has at most one, so one of two decides.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Invitation, InvitationStatus};
use crate::base::db::Conn;
use crate::base::db::schema::{invitations, magic_links, messages};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};

impl InvitationStatus {
    /// Which of two invitations says how the person stands: the higher one.
    fn weight(self) -> u8 {
        match self {
            Self::Accepted => 3,
            Self::Open => 2,
            Self::Expired => 1,
            Self::Cancelled => 0,
        }
    }
}

impl Invitation {
    /// Gives the invitation of a contact to another one; both rows are locked. If both have one, the accepted one stays, else the
    /// open one, else that of the contact that stays; links and messages of the other then belong to it.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let found = Self::of_contacts(conn, account, &[from, to]).await?;
        let (moved, kept) = match (found.get(&from), found.get(&to)) {
            (None, _) => return Ok(()),
            (Some(moved), None) => (moved, None),
            (Some(moved), Some(kept)) => (moved, Some(kept)),
        };
        let outweighs = |kept: &Self| moved.status(now).weight() > kept.status(now).weight();
        match kept {
            Some(kept) if !outweighs(kept) => moved.replace_by(conn, kept.id).await,
            Some(kept) => {
                kept.replace_by(conn, moved.id).await?;
                moved.set_contact(conn, to).await
            }
            None => moved.set_contact(conn, to).await,
        }
    }

    async fn set_contact(&self, conn: &mut Conn, contact: ContactId) -> Result<()> {
        diesel::update(invitations::table.find((self.account_id, self.id)))
            .set(invitations::contact_id.eq(contact))
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn replace_by(&self, conn: &mut Conn, other: InvitationId) -> Result<()> {
        diesel::update(magic_links::table)
            .filter(magic_links::account_id.eq(self.account_id))
            .filter(magic_links::contact_id.eq(self.contact_id))
            .filter(magic_links::invitation_id.eq(self.id))
            .set(magic_links::invitation_id.eq(other))
            .execute(conn)
            .await?;
        diesel::update(messages::table)
            .filter(messages::account_id.eq(self.account_id))
            .filter(messages::contact_id.eq(self.contact_id))
            .filter(messages::invitation_id.eq(self.id))
            .set(messages::invitation_id.eq(other))
            .execute(conn)
            .await?;
        diesel::delete(invitations::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }
}
