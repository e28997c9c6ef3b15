//! Messages that Vestibule writes by itself to whoever can sign in: codes, links they asked for, resets, warnings.
//!
//! An unknown address has a row too, to nobody; the worker throws it away. So the answer to a request costs the same,
//! whoever the address belongs to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Channel, GIVE_UP, MessageKind, MessageStatus, PRIORITY_ASKED};
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId, TeamMemberId};
use crate::sign_in::sessions::model::Holder;

#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    pub kind: MessageKind,
    pub address: &'a str,
    /// Nobody: it is thrown away.
    pub to: Option<Holder>,
    pub about: Option<Uuid>,
    /// When it would say something untrue; none: after a day.
    pub give_up_at: Option<DateTime<Utc>>,
    pub requested_by: Actor,
}

/// Promises to send it.
pub async fn promise(
    conn: &mut Conn,
    account: AccountId,
    notice: &Notice<'_>,
    moment: &Moment,
) -> Result<MessageId> {
    let id = MessageId::new(moment);
    diesel::insert_into(messages::table)
        .values((
            messages::account_id.eq(account),
            messages::id.eq(id),
            messages::contact_id.eq(notice.to.and_then(Holder::contact)),
            messages::team_member_id.eq(notice.to.and_then(Holder::member)),
            messages::channel.eq(Channel::Email),
            messages::kind.eq(notice.kind),
            messages::address.eq(notice.address),
            messages::about.eq(notice.about),
            messages::requested_by.eq(notice.requested_by.to_string()),
            messages::status.eq(MessageStatus::Queued),
            messages::priority.eq(PRIORITY_ASKED),
            messages::due_at.eq(moment.now),
            messages::give_up_at.eq(notice.give_up_at.unwrap_or(moment.now + GIVE_UP)),
            messages::created_at.eq(moment.now),
        ))
        .execute(conn)
        .await?;
    Ok(id)
}

/// What has not been sent to a team member yet is not sent any more.
pub async fn cancel_of_member(conn: &mut Conn, account: AccountId, member: TeamMemberId) -> Result<()> {
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
