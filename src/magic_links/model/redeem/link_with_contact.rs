//! A magic link with the contact that it signs in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::join;

use super::LinkRefusal;
use crate::accounts::model::Account;
use crate::base::db::Conn;
use crate::base::db::schema::{accounts, contacts, magic_link_secrets, magic_links};
use crate::base::error::Result;
use crate::base::secrets::PlainSecret;
use crate::contacts::model::Contact;
use crate::magic_links::model::{MagicLink, MagicLinkStatus, Purpose};

#[derive(Clone, Debug)]
pub struct LinkWithContact {
    pub link: MagicLink,
    pub contact: Contact,
    /// Whether the account allows signing in by link.
    pub link_allowed: bool,
}

impl LinkWithContact {
    /// Finds a link by its secret, without locking or redeeming it.
    pub(crate) async fn find(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        let found = magic_link_secrets::table
            .inner_join(
                magic_links::table.on(magic_links::account_id
                    .eq(magic_link_secrets::account_id)
                    .and(magic_links::id.eq(magic_link_secrets::magic_link_id))),
            )
            .inner_join(
                contacts::table.on(contacts::account_id
                    .eq(magic_links::account_id)
                    .and(contacts::id.eq(magic_links::contact_id))),
            )
            .inner_join(accounts::table.on(accounts::id.eq(magic_links::account_id)))
            .filter(magic_link_secrets::account_id.eq(secret.account))
            .filter(magic_link_secrets::secret_hash.eq(secret.hash()))
            .select((
                MagicLink::as_select(),
                Contact::as_select(),
                accounts::link_allowed,
            ))
            .first::<(MagicLink, Contact, bool)>(conn)
            .await
            .optional()?;
        Ok(found.map(|(link, contact, link_allowed)| Self {
            link,
            contact,
            link_allowed,
        }))
    }

    /// Finds a link by its secret and locks its rows.
    pub(super) async fn lock(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        match Self::try_lock(conn, secret).await? {
            // If it waited for a merge of the link's contact into another, that row is gone, and the link has the other contact.
            None => Self::try_lock(conn, secret).await,
            found => Ok(found),
        }
    }

    /// PostgreSQL locks them in the order of the tables here, the contact's
    /// first, and reads a row again if it had to wait for it.
    async fn try_lock(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        let (mut one, mut two) = (&*conn, &*conn);
        let locked = contacts::table
            .inner_join(
                magic_links::table.on(magic_links::account_id
                    .eq(contacts::account_id)
                    .and(magic_links::contact_id.eq(contacts::id))),
            )
            .inner_join(
                magic_link_secrets::table.on(magic_link_secrets::account_id
                    .eq(magic_links::account_id)
                    .and(magic_link_secrets::magic_link_id.eq(magic_links::id))),
            )
            .filter(magic_link_secrets::account_id.eq(secret.account))
            .filter(magic_link_secrets::secret_hash.eq(secret.hash()))
            .select((MagicLink::as_select(), Contact::as_select()))
            .for_update()
            .first::<(MagicLink, Contact)>(&mut one);
        let (locked, account) = join!(locked, Account::find(&mut two, secret.account));
        let Some((link, contact)) = locked.optional()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            link,
            contact,
            link_allowed: account?.link_allowed,
        }))
    }

    /// Why it can't be redeemed for the first time. [`check_repeated_use`](super::check_repeated_use) says whether a used link
    /// can be redeemed again.
    pub(crate) fn first_use_refusal(&self, now: DateTime<Utc>) -> Option<LinkRefusal> {
        match self.link.status(now) {
            MagicLinkStatus::Used => Some(LinkRefusal::Used { retry_after: None }),
            MagicLinkStatus::Superseded => Some(LinkRefusal::Superseded),
            MagicLinkStatus::Expired => Some(LinkRefusal::Expired),
            _ if self.contact.revoked_at.is_some() => Some(LinkRefusal::AccessRevoked),
            MagicLinkStatus::Revoked => Some(LinkRefusal::Revoked),
            MagicLinkStatus::Live if self.obsolete() => Some(LinkRefusal::Revoked),
            MagicLinkStatus::Live if self.method_disabled() => Some(LinkRefusal::MethodDisabled),
            MagicLinkStatus::Live => None,
        }
    }

    /// An invitation's link is only for contacts who have not joined; an emailed link is only for the address that it was sent
    /// to.
    fn obsolete(&self) -> bool {
        let joined = self.link.purpose == Purpose::Invitation && self.contact.joined_at.is_some();
        joined || self.address_changed()
    }

    /// An invitation is not a sign-in method: contacts join with it, whatever methods are allowed afterwards.
    pub(super) fn method_disabled(&self) -> bool {
        !self.link_allowed && self.link.purpose != Purpose::Invitation
    }

    /// Whether only a reader of the contact's current mailbox can know the secret.
    pub(crate) fn proves_mailbox(&self) -> bool {
        !self.link.staff_seen && self.link.email_key.is_some() && !self.address_changed()
    }

    /// Whether the contact's address is no longer the one that the link was sent to.
    pub(super) fn address_changed(&self) -> bool {
        self.link.email_key.is_some() && self.link.email_key != self.contact.email_key
    }
}
