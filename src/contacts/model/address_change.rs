//! What ends when a contact's address changes, in the transaction that changes it. Staff can't take a contact over by changing
//! its address to a mailbox of their own and back: nothing that was proved or received at one address is valid at another, and
//! the contact is notified at the old address.
//!
//! Opening a session, redeeming a link and redeeming a password reset lock the contact's row too, and check its address after
//! that.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::Contact;
use crate::base::actor::Audience;
use crate::base::actor::Requester;
use crate::base::audit::{AuditEvent, EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::audit_events;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::base::mask;
use crate::magic_links::model::MagicLink;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::google::model::Identity;
use crate::sign_in::password::model::Password;
use crate::sign_in::password::model::reset::PasswordReset;
use crate::sign_in::sessions::model::{Holder, Session};

/// The reason that is stored with the ended sessions and the disabled password.
const REASON: &str = "ADDRESS_CHANGED";

impl Contact {
    /// `self` is the contact before the change, its row locked, and `now` the contact after it. Returns the sessions that ended.
    pub(crate) async fn end_previous_address(
        &self,
        conn: &mut Conn,
        now: &Self,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<SessionId>> {
        let (account, holder) = (self.account_id, Holder::Contact(self.id));
        MagicLink::revoke_of_contacts(conn, account, &[self.id], moment.now).await?;
        if let Some(key) = &self.email_key {
            Challenge::end_by_address(conn, account, Audience::Portal, key, moment.now).await?;
        }
        PasswordReset::end_for_contact(conn, account, self.id, moment.now).await?;
        Message::cancel_of_contacts(conn, account, &[self.id], &[]).await?;
        Identity::unlink_all(conn, account, holder).await?;
        let disabled = Password::disable(conn, account, self.id.0, moment.now).await?;
        let ended = Session::end_all(conn, account, holder, REASON, moment.now).await?;
        let masked = |contact: &Self| contact.email.as_deref().map(mask::address);
        let detail = json!({"from": masked(self), "to": masked(now)});
        let mut event = NewEvent::for_contact(EventKind::AddressChanged, self.id).with(detail);
        if let Some(address) = &self.email {
            let message = NewMessage::new(MessageKind::AddressChanged, address, Some(holder));
            // The email reads the new address from this event.
            event = event.on(Message::queue(conn, account, &message, requester.actor, moment).await?);
        }
        let mut events = vec![event];
        if disabled {
            let event = NewEvent::for_contact(EventKind::PasswordDisabled, self.id);
            events.push(event.with(json!({ "reason": REASON })));
        }
        record(conn, account, requester, &events, moment).await?;
        Ok(ended)
    }
}

/// The contact's new address, masked, from the audit log. The email goes to the previous one.
pub(crate) async fn new_address(conn: &mut Conn, message: &Message) -> Result<Option<String>> {
    let event: Option<AuditEvent> = audit_events::table
        .filter(audit_events::account_id.eq(message.account_id))
        .filter(audit_events::subject.eq(message.id.to_string()))
        .filter(audit_events::kind.eq(EventKind::AddressChanged))
        .select(AuditEvent::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(event.and_then(|event| event.detail_text("to").map(str::to_owned)))
}
