//! Queuing messages: the row that is inserted is the promise to send.
//!
//! A request for an unknown address inserts a row without a recipient, which the worker deletes. So the request costs the
//! same, no matter whether the address belongs to a contact or team member.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Channel, Message, MessageKind, MessageStatus, retry};
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ContactId, InvitationId, MagicLinkId, MessageId, TeamMemberId};
use crate::magic_links::model::MagicLink;
use crate::sign_in::sessions::model::Holder;

/// A message that a user is waiting for comes before messages of bulk jobs.
pub(crate) const PRIORITY_REQUESTED: i16 = 0;
pub(crate) const PRIORITY_STAFF: i16 = 1;
pub(crate) const PRIORITY_BULK: i16 = 2;
/// Messages of a paused job: no worker claims them or gives them up.
pub(super) const PRIORITY_HELD: i16 = 3;

/// A message to queue.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    pub channel: Channel,
    pub kind: MessageKind,
    /// An email address, or a phone number in E.164.
    pub address: &'a str,
    /// None: the worker deletes it.
    pub recipient: Option<Holder>,
    /// The id of the object that it is about, which depends on its kind: a challenge, a reset, a session, a staff link.
    pub about: Option<Uuid>,
    pub link: Option<&'a MagicLink>,
    pub bulk_job: Option<BulkJobId>,
    /// When it may be sent; none: at once.
    pub due_at: Option<DateTime<Utc>>,
    /// When it becomes obsolete; none: a day after it may be sent.
    pub give_up_at: Option<DateTime<Utc>>,
}

impl<'a> NewMessage<'a> {
    /// An email.
    pub fn new(kind: MessageKind, address: &'a str, recipient: Option<Holder>) -> Self {
        Self {
            channel: Channel::Email,
            kind,
            address,
            recipient,
            about: None,
            link: None,
            bulk_job: None,
            due_at: None,
            give_up_at: None,
        }
    }

    fn priority(&self) -> i16 {
        match self.bulk_job {
            _ if self.kind.properties().urgent => PRIORITY_REQUESTED,
            None => PRIORITY_STAFF,
            Some(_) => PRIORITY_BULK,
        }
    }

    fn row<'r>(&'r self, account: AccountId, requested_by: &'r str, moment: &Moment) -> Row<'r> {
        let due_at = self.due_at.unwrap_or(moment.now);
        Row {
            account_id: account,
            id: MessageId::new(moment),
            contact_id: self.recipient.and_then(Holder::contact),
            team_member_id: self.recipient.and_then(Holder::member),
            channel: self.channel,
            kind: self.kind,
            address: self.address,
            about: self.about,
            magic_link_id: self.link.map(|link| link.id),
            invitation_id: self.link.and_then(|link| link.invitation_id),
            bulk_job_id: self.bulk_job,
            requested_by,
            status: MessageStatus::Queued,
            priority: self.priority(),
            due_at,
            give_up_at: self.give_up_at.unwrap_or(due_at + retry::GIVE_UP_AFTER),
            created_at: moment.now,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = messages)]
struct Row<'a> {
    account_id: AccountId,
    id: MessageId,
    contact_id: Option<ContactId>,
    team_member_id: Option<TeamMemberId>,
    channel: Channel,
    kind: MessageKind,
    address: &'a str,
    about: Option<Uuid>,
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

impl Message {
    pub async fn queue(
        conn: &mut Conn,
        account: AccountId,
        message: &NewMessage<'_>,
        requested_by: Actor,
        moment: &Moment,
    ) -> Result<MessageId> {
        let requested_by = requested_by.to_string();
        let row = message.row(account, &requested_by, moment);
        let id = row.id;
        diesel::insert_into(messages::table)
            .values(row)
            .execute(conn)
            .await?;
        Ok(id)
    }

    pub(crate) async fn queue_many(
        conn: &mut Conn,
        account: AccountId,
        messages: &[NewMessage<'_>],
        requested_by: Actor,
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let requested_by = requested_by.to_string();
        let rows: Vec<Row<'_>> = messages
            .iter()
            .map(|message| message.row(account, &requested_by, moment))
            .collect();
        insert(conn, &rows).await
    }
}

/// One statement for any number of rows, with an array per column: a list of rows would be parsed again for each length.
async fn insert(conn: &mut Conn, rows: &[Row<'_>]) -> Result<Vec<Message>> {
    if let [row] = rows {
        let query = diesel::insert_into(messages::table).values(row);
        return Ok(query.returning(Message::as_returning()).get_results(conn).await?);
    }
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let query = sql::statement(
        "insert into messages (account_id, channel, requested_by, status, created_at, bulk_job_id, id, contact_id, \
             team_member_id, kind, address, about, magic_link_id, invitation_id, priority, due_at, give_up_at) \
         select ?, ?, ?, ?, ?, ?, m.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as m returning *",
    )
    .bind::<SqlUuid, _>(first.account_id)
    .bind::<Text, _>(first.channel)
    .bind::<Text, _>(first.requested_by)
    .bind::<Text, _>(first.status)
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Nullable<SqlUuid>, _>(first.bulk_job_id)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.contact_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.team_member_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.kind).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.address).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.about).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.magic_link_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.invitation_id).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.priority).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.due_at).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.give_up_at).collect::<Vec<_>>());
    Ok(query.load(conn).await?)
}
