//! Superseding and revoking links.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{LinkOrigin, MAX_REDEEMS, MagicLink, Purpose};
use crate::base::db::schema::magic_links;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MagicLinkId};

impl MagicLink {
    /// Supersedes the contacts' older links of the same purpose and origin.
    pub(crate) async fn supersede(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        purpose: Purpose,
        origin: LinkOrigin,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::contact_id.eq_any(contacts))
            .filter(
                magic_links::purpose
                    .eq(purpose)
                    .and(magic_links::origin.eq(origin)),
            )
            .set(magic_links::superseded_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// `None` if the link could not be redeemed any more.
    pub(crate) async fn revoke(
        conn: &mut Conn,
        account: AccountId,
        id: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        Ok(diesel::update(redeemable_of(account, now))
            .filter(magic_links::id.eq(id))
            .set(magic_links::revoked_at.eq(now))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?)
    }

    /// Supersedes this link, whatever its origin.
    pub(crate) async fn supersede_one(
        conn: &mut Conn,
        account: AccountId,
        id: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::id.eq(id))
            .set(magic_links::superseded_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Revokes the links that were texted to a contact, whose number changed.
    pub(crate) async fn revoke_texted(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::contact_id.eq(contact))
            .filter(
                magic_links::purpose
                    .eq(Purpose::Message)
                    .and(magic_links::email_key.is_null()),
            )
            .set(magic_links::revoked_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Revokes every link that could still sign the contacts in: their address changed, or their access ended.
    pub(crate) async fn revoke_of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::contact_id.eq_any(contacts))
            .set(magic_links::revoked_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Revokes the live links of the contacts' invitations.
    pub(crate) async fn revoke_of_invitations(
        conn: &mut impl AnyConn,
        account: AccountId,
        contacts: &[ContactId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(live_of(account))
            .filter(
                magic_links::contact_id
                    .eq_any(contacts)
                    .and(magic_links::purpose.eq(Purpose::Invitation)),
            )
            .set(magic_links::revoked_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// Live links, and used ones that may be redeemed once more because a mail scanner may have used them.
#[diesel::dsl::auto_type(no_type_alias)]
fn redeemable_of(account: AccountId, now: DateTime<Utc>) -> _ {
    let most: i16 = MAX_REDEEMS;
    let once_more = magic_links::redeem_count
        .lt(most)
        .and(magic_links::expires_at.gt(now));
    magic_links::table
        .filter(magic_links::account_id.eq(account))
        .filter(magic_links::used_at.is_null().or(once_more))
        .filter(magic_links::superseded_at.is_null())
        .filter(magic_links::revoked_at.is_null())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_of(account: AccountId) -> _ {
    magic_links::table
        .filter(magic_links::account_id.eq(account))
        .filter(magic_links::used_at.is_null())
        .filter(magic_links::superseded_at.is_null())
        .filter(magic_links::revoked_at.is_null())
}
