//! One email or SMS to one contact. Its row is the promise to send; `message/queue.rs` says how it is kept.

pub(crate) mod link_batch;
pub mod notice;
mod owned;
pub mod queue;
mod recipient;
pub mod suppression;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::actor::Acting;
use crate::base::clock::Moment;
use crate::base::db::schema::messages;
use crate::base::db::{Conn, text};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ContactId, InvitationId, MagicLinkId, MessageId, TeamMemberId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::text_enum::text_enum;
use crate::magic_links::model::MagicLink;

text_enum! {
    /// The way a message takes.
    #[derive(async_graphql::Enum)]
    Channel {
        /// By email.
        Email = "EMAIL",
        /// By SMS.
        Sms = "SMS",
    }
}

text_enum! {
    /// What a message is.
    MessageKind {
        Invitation = "INVITATION",
        LoginEmail = "LOGIN_EMAIL",
        RequestedLogin = "REQUESTED_LOGIN",
        MagicLink = "MAGIC_LINK",
        /// To nobody, of earlier releases.
        Decoy = "DECOY",
        LoginCode = "LOGIN_CODE",
        StaffLogin = "STAFF_LOGIN",
        PasswordReset = "PASSWORD_RESET",
        PasswordChanged = "PASSWORD_CHANGED",
        NewDevice = "NEW_DEVICE",
        TeamInvitation = "TEAM_INVITATION",
        AddressChanged = "ADDRESS_CHANGED",
    }
}

text_enum! {
    /// How far a message has come.
    #[derive(async_graphql::Enum)]
    MessageStatus {
        /// Waiting to be sent.
        Queued = "QUEUED",
        /// Being sent now.
        Sending = "SENDING",
        /// Taken by the mail server.
        Sent = "SENT",
        /// Kept as a file on this server, not sent: no mail server is configured.
        Kept = "KEPT",
        /// Could not be sent yet; it is tried again.
        Deferred = "DEFERRED",
        /// The address can't receive mail; nothing more is sent to it.
        Bounced = "BOUNCED",
        /// Given up.
        Failed = "FAILED",
        /// Not sent: the address bounced or complained before.
        Suppressed = "SUPPRESSED",
        /// Not sent: it had become pointless, as when a newer link was sent.
        Cancelled = "CANCELLED",
    }
}

impl MessageKind {
    /// Whether it carries a contact's magic link.
    pub(crate) fn carries_magic_link(self) -> bool {
        match self {
            Self::Invitation | Self::LoginEmail | Self::RequestedLogin | Self::MagicLink => true,
            Self::Decoy
            | Self::LoginCode
            | Self::StaffLogin
            | Self::PasswordReset
            | Self::PasswordChanged
            | Self::NewDevice
            | Self::TeamInvitation
            | Self::AddressChanged => false,
        }
    }

    /// It tells of something that was done, and holds nothing to sign in with: it goes to the address that it was promised to,
    /// whatever becomes of the contact meanwhile.
    pub fn warning(self) -> bool {
        match self {
            Self::PasswordChanged | Self::NewDevice | Self::AddressChanged => true,
            Self::Invitation
            | Self::LoginEmail
            | Self::RequestedLogin
            | Self::MagicLink
            | Self::Decoy
            | Self::LoginCode
            | Self::StaffLogin
            | Self::PasswordReset
            | Self::TeamInvitation => false,
        }
    }
}

/// What somebody waits for goes before what a job sends to many.
const PRIORITY_ASKED: i16 = 0;
const PRIORITY_STAFF: i16 = 1;
const PRIORITY_BULK: i16 = 2;

/// A message that can't be sent for a day is given up.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = messages)]
pub struct Message {
    pub account_id: AccountId,
    pub id: MessageId,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    /// What it is about, by its kind: a challenge, a reset, a session, a staff link.
    pub about: Option<Uuid>,
    pub channel: Channel,
    pub kind: MessageKind,
    pub address: String,
    pub subject: Option<String>,
    pub magic_link_id: Option<MagicLinkId>,
    pub invitation_id: Option<InvitationId>,
    pub status: MessageStatus,
    pub attempt_count: i32,
    pub due_at: DateTime<Utc>,
    pub give_up_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// A message to promise.
#[derive(Clone, Debug)]
pub struct Sending<'a> {
    pub contact: ContactId,
    pub address: &'a str,
    pub kind: MessageKind,
    pub link: Option<&'a MagicLink>,
    pub bulk_job: Option<BulkJobId>,
    pub give_up_at: Option<DateTime<Utc>>,
}

impl<'a> Sending<'a> {
    pub fn to(contact: ContactId, address: &'a str, kind: MessageKind) -> Self {
        Self {
            contact,
            address,
            kind,
            link: None,
            bulk_job: None,
            give_up_at: None,
        }
    }

    fn priority(&self) -> i16 {
        match (self.kind, self.bulk_job) {
            (MessageKind::RequestedLogin, _) => PRIORITY_ASKED,
            (_, None) => PRIORITY_STAFF,
            (_, Some(_)) => PRIORITY_BULK,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = messages)]
struct NewRow<'a> {
    account_id: AccountId,
    id: MessageId,
    contact_id: Option<ContactId>,
    channel: Channel,
    kind: MessageKind,
    address: &'a str,
    magic_link_id: Option<MagicLinkId>,
    invitation_id: Option<InvitationId>,
    bulk_job_id: Option<BulkJobId>,
    requested_by: &'a str,
    status: MessageStatus,
    priority: i16,
    due_at: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

/// One text for any number of rows, with a list a column; a list of rows would be parsed anew for each length.
async fn insert(conn: &mut Conn, rows: &[NewRow<'_>]) -> Result<Vec<Message>> {
    if let [row] = rows {
        let query = diesel::insert_into(messages::table).values(row);
        return Ok(query.returning(Message::as_returning()).get_results(conn).await?);
    }
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let query = text::statement(
        "insert into messages (account_id, channel, requested_by, status, due_at, created_at, bulk_job_id, id, contact_id, kind, \
             address, magic_link_id, invitation_id, priority, give_up_at) \
         select ?, ?, ?, ?, ?, ?, ?, m.* from unnest(?, ?, ?, ?, ?, ?, ?, ?) as m returning *",
    )
    .bind::<SqlUuid, _>(first.account_id)
    .bind::<Text, _>(first.channel)
    .bind::<Text, _>(first.requested_by)
    .bind::<Text, _>(first.status)
    .bind::<Timestamptz, _>(first.due_at)
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Nullable<SqlUuid>, _>(first.bulk_job_id)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.contact_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.kind).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.address).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.magic_link_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.invitation_id).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.priority).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.give_up_at).collect::<Vec<_>>());
    Ok(query.load(conn).await?)
}

impl Message {
    pub async fn queue(
        conn: &mut Conn,
        account: AccountId,
        acting: &Acting,
        sendings: &[Sending<'_>],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let requested_by = acting.actor.to_string();
        let rows: Vec<NewRow<'_>> = sendings
            .iter()
            .map(|sending| NewRow {
                account_id: account,
                id: MessageId::new(moment),
                contact_id: Some(sending.contact),
                channel: Channel::Email,
                kind: sending.kind,
                address: sending.address,
                magic_link_id: sending.link.map(|link| link.id),
                invitation_id: sending.link.and_then(|link| link.invitation_id),
                bulk_job_id: sending.bulk_job,
                requested_by: &requested_by,
                status: MessageStatus::Queued,
                priority: sending.priority(),
                due_at: moment.now,
                give_up_at: sending.give_up_at.unwrap_or(moment.now + GIVE_UP),
                created_at: moment.now,
            })
            .collect();
        insert(conn, &rows).await
    }

    /// What has not been sent to the contact yet is not sent any more; no kinds: whatever it is, but for warnings.
    pub async fn cancel_of_contact(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        kinds: &[MessageKind],
    ) -> Result<()> {
        let kinds = if kinds.is_empty() { MessageKind::ALL } else { kinds };
        let kinds = kinds.iter().copied().filter(|kind| !kind.warning());
        diesel::update(messages::table)
            .filter(
                messages::account_id
                    .eq(account)
                    .and(messages::contact_id.eq(contact)),
            )
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .filter(messages::kind.eq_any(kinds))
            .set(messages::status.eq(MessageStatus::Cancelled))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: MessageId) -> Result<Option<Self>> {
        Ok(visible(account)
            .filter(messages::id.eq(id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub async fn find_many(conn: &mut Conn, account: AccountId, ids: &[MessageId]) -> Result<Vec<Self>> {
        Ok(visible(account)
            .filter(messages::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The message that carried each of these links.
    pub async fn of_links(
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

    /// Newest first.
    pub async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, messages::id, MessageId)
    }

    pub async fn count(conn: &mut Conn, account: AccountId, of: &MessageFilter) -> Result<i64> {
        Ok(of.query(account).count().get_result(conn).await?)
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn visible(account: AccountId) -> _ {
    let decoy: MessageKind = MessageKind::Decoy;
    messages::table
        .filter(messages::account_id.eq(account))
        .filter(messages::kind.ne(decoy))
        .filter(messages::contact_id.is_not_null())
}

/// Which messages to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageFilter {
    pub contact: Option<ContactId>,
    pub status: Option<MessageStatus>,
}

impl MessageFilter {
    fn query<'a>(&self, account: AccountId) -> messages::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = visible(account).into_boxed();
        if let Some(contact) = self.contact {
            query = query.filter(messages::contact_id.eq(contact));
        }
        if let Some(status) = self.status {
            query = query.filter(messages::status.eq(status));
        }
        query
    }
}
