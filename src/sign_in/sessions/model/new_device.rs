//! The warning about a sign-in on a device that the person had not used before.
//!
//! A sign-in with a link or a code that was emailed to the person causes no warning: its user reads their email. A password,
//! Google, a confirmation on another device, a texted link, and a link that staff has seen can be used by another person.

use chrono::TimeDelta;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::sessions;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::{Holder, NewSession};

/// A device is known for this long after its last sign-in.
const KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// Queues the warning if it is due, in the transaction that opened the session.
pub(crate) async fn warn(
    conn: &mut Conn,
    person: &Person,
    new: &NewSession<'_>,
    session: SessionId,
    moment: &Moment,
) -> Result<()> {
    let by_other_person = new.staff_seen
        || match new.method {
            SignInMethod::Password | SignInMethod::Google | SignInMethod::Challenge => true,
            SignInMethod::Link => !new.proves_mailbox,
            SignInMethod::Code | SignInMethod::StaffLink | SignInMethod::StepUp => false,
        };
    let Some(address) = person.email().filter(|_| by_other_person) else {
        return Ok(());
    };
    if !on_new_device(conn, new, session, moment).await? {
        return Ok(());
    }
    let message = NewMessage {
        about: Some(session.0),
        ..NewMessage::new(MessageKind::NewDevice, address, Some(new.holder))
    };
    Message::queue(conn, new.account, &message, person.actor(), moment).await?;
    Ok(())
}

/// Whether the person signed in before, but not recently on this device.
async fn on_new_device(
    conn: &mut Conn,
    new: &NewSession<'_>,
    session: SessionId,
    moment: &Moment,
) -> Result<bool> {
    let earlier = || {
        let others = sessions::table
            .into_boxed()
            .filter(sessions::account_id.eq(new.account))
            .filter(sessions::id.ne(session));
        match new.holder {
            Holder::Contact(contact) => others.filter(sessions::contact_id.eq(contact)),
            Holder::Member(member) => others.filter(sessions::team_member_id.eq(member)),
        }
    };
    let recent = earlier()
        .filter(sessions::created_at.gt(moment.now - KNOWN_FOR))
        .filter(sessions::device_hash.eq(new.device()));
    Ok(diesel::select(exists(earlier()).and(not(exists(recent))))
        .get_result(conn)
        .await?)
}
