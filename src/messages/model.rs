//! One email or SMS to one contact or team member. Its row is the promise to send; `queue.rs` claims it and records the outcome.

pub(crate) mod due;
mod filter;
mod kind;
pub(crate) mod lease;
pub(crate) mod link_batch;
mod list;
mod new_message;
pub(crate) mod of_jobs;
pub(crate) mod outcome;
mod owned;
pub(crate) mod queue;
mod recipient;
pub mod report;
mod retry;
pub mod rows;
pub mod suppression;
pub(crate) mod text_reply;
pub(crate) mod text_report;

pub(crate) use self::filter::{MessageConditions, MessageFilter};
pub use self::kind::MessageKind;
pub(crate) use self::kind::ReportedEmail;
pub use self::new_message::NewMessage;
pub(crate) use self::new_message::{PRIORITY_BULK, PRIORITY_REQUESTED, PRIORITY_STAFF};

use self::due::Flow;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::Conn;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId, MailingId, MessageId, TeamMemberId};
use crate::base::text_enum::text_enum;

text_enum! {
    /// How a message is delivered.
    #[derive(async_graphql::Enum)]
    Channel {
        /// By email.
        Email = "EMAIL",
        /// By SMS.
        Sms = "SMS",
    }
}

text_enum! {
    /// The state of a message.
    #[derive(async_graphql::Enum)]
    MessageStatus {
        /// Waiting to be sent.
        Queued = "QUEUED",
        /// Being sent now.
        Sending = "SENDING",
        /// Accepted by the mail server or the SMS provider.
        Sent = "SENT",
        /// Delivered, as the recipient's network reports. Only text messages: mail servers report no delivery.
        Delivered = "DELIVERED",
        /// Kept as a file on this server, not sent: no mail server or SMS provider is configured.
        Kept = "KEPT",
        /// Could not be sent yet; it will be retried.
        Deferred = "DEFERRED",
        /// The address or number can't receive messages; nothing more is sent to it.
        Bounced = "BOUNCED",
        /// Failed: it will not be retried.
        Failed = "FAILED",
        /// Not sent: the address bounced, or its owner reported an email or answered STOP to a text message.
        Suppressed = "SUPPRESSED",
        /// Not sent: it was no longer needed, for example because a newer link was sent.
        Cancelled = "CANCELLED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = messages)]
pub struct Message {
    pub account_id: AccountId,
    pub id: MessageId,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    /// The id of the object that it is about, which depends on its kind: a challenge, a reset, a session, a staff link.
    pub about: Option<Uuid>,
    pub channel: Channel,
    pub kind: MessageKind,
    pub address: String,
    pub subject: Option<String>,
    pub magic_link_id: Option<MagicLinkId>,
    pub invitation_id: Option<InvitationId>,
    pub requested_by: String,
    pub status: MessageStatus,
    pub attempt_count: i32,
    pub due_at: DateTime<Utc>,
    pub give_up_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

impl Message {
    /// What staff wrote, if they did.
    pub(crate) fn mailing(&self) -> Option<MailingId> {
        let id = self.about.filter(|_| self.kind == MessageKind::Written);
        id.map(MailingId)
    }

    pub(crate) fn flow(&self) -> Flow {
        Flow::of(self)
    }

    /// Cancels the contacts' unsent messages of these kinds, except warnings. An empty list means every kind.
    pub(crate) async fn cancel_of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        kinds: &[MessageKind],
    ) -> Result<()> {
        let kinds = if kinds.is_empty() { MessageKind::ALL } else { kinds };
        let kinds = kinds.iter().copied().filter(|kind| !kind.properties().warning);
        diesel::update(messages::table)
            .filter(
                messages::account_id
                    .eq(account)
                    .and(messages::contact_id.eq_any(contacts)),
            )
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .filter(messages::kind.eq_any(kinds))
            .set(messages::status.eq(MessageStatus::Cancelled))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Gives the messages of a contact to another one; both rows are locked. They can't be reported any more: their readers would
    /// end what the other contact has.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(messages::table)
            .filter(
                messages::account_id
                    .eq(account)
                    .and(messages::contact_id.eq(from)),
            )
            .set((messages::contact_id.eq(to), messages::not_me_at.eq(now)))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Cancels the unsent messages of a team member.
    pub(crate) async fn cancel_of_member(
        conn: &mut Conn,
        account: AccountId,
        member: TeamMemberId,
    ) -> Result<()> {
        diesel::update(messages::table)
            .filter(
                messages::account_id
                    .eq(account)
                    .and(messages::team_member_id.eq(member)),
            )
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .set(messages::status.eq(MessageStatus::Cancelled))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MessageId],
    ) -> Result<Vec<Self>> {
        Ok(visible(account)
            .filter(messages::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The message that carried each of these links.
    pub(crate) async fn of_links(
        conn: &mut Conn,
        account: AccountId,
        links: &[MagicLinkId],
    ) -> Result<Vec<(MagicLinkId, Self)>> {
        let found: Vec<Self> = visible(account)
            .filter(messages::magic_link_id.eq_any(links))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(found
            .into_iter()
            .filter_map(|message| Some((message.magic_link_id?, message)))
            .collect())
    }
}

/// Messages to contacts; those to team members are not listed.
#[diesel::dsl::auto_type(no_type_alias)]
fn visible(account: AccountId) -> _ {
    messages::table
        .filter(messages::account_id.eq(account))
        .filter(messages::contact_id.is_not_null())
}
