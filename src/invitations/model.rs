//! An invitation to join the portal. A contact has at most one row; its id survives resends.

mod change;
pub(crate) mod check;
mod filter;
mod find;
mod issue;
mod merge;
pub(crate) mod recipients;
pub(crate) mod selected;
pub(crate) mod skipped;

pub use self::filter::InvitationFilter;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Requester;
use crate::base::db::schema::invitations;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ContactId, InvitationId};
use crate::base::text_enum::text_enum;
use crate::contacts::model::Contact;
use crate::magic_links::model::MagicLink;

text_enum! {
    /// The status of an invitation.
    #[derive(async_graphql::Enum, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    InvitationStatus {
        /// It can be accepted.
        Open = "OPEN",
        /// The contact has joined.
        Accepted = "ACCEPTED",
        /// It has expired; it can be sent again.
        Expired = "EXPIRED",
        /// Staff cancelled it; it can be sent again.
        Cancelled = "CANCELLED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Invitation {
    pub account_id: AccountId,
    pub id: InvitationId,
    pub contact_id: ContactId,
    pub section: PortalSection,
    pub note: Option<String>,
    pub invited_by: String,
    pub created_at: DateTime<Utc>,
    pub sent_count: i32,
    pub last_sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

/// What to send to contacts: an invitation or a login email.
#[derive(Clone, Debug)]
pub(crate) struct SendRequest<'a> {
    pub account: &'a Account,
    pub section: PortalSection,
    pub note: Option<&'a str>,
    pub requester: &'a Requester,
    pub bulk_job: Option<BulkJobId>,
    /// The number of messages that the account may send per day.
    pub daily_messages: i64,
}

impl Invitation {
    pub(crate) fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.cancelled_at.is_some() {
            InvitationStatus::Cancelled
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Open
        }
    }

    /// After the contact joined, by any sign-in method: accepts the open invitation and revokes its other links.
    pub(crate) async fn accept_on_join(conn: &mut Conn, contact: &Contact, now: DateTime<Utc>) -> Result<()> {
        if contact.invited_at.is_none() {
            return Ok(());
        }
        let (mut one, mut two) = (&*conn, &*conn);
        try_join!(
            Self::accept(&mut one, contact.account_id, contact.id, now),
            MagicLink::revoke_of_invitations(
                &mut two,
                contact.account_id,
                std::slice::from_ref(&contact.id),
                now
            ),
        )?;
        Ok(())
    }

    async fn accept(
        conn: &mut impl AnyConn,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(invitations::table)
            .filter(
                invitations::account_id
                    .eq(account)
                    .and(invitations::contact_id.eq(contact)),
            )
            .filter(
                invitations::accepted_at
                    .is_null()
                    .and(invitations::cancelled_at.is_null()),
            )
            .set(invitations::accepted_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}
