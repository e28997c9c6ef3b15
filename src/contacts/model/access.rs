//! Revoking a contact's access to the portal, and restoring it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::Contact;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::magic_links::model::MagicLink;
use crate::messages::model::Message;
use crate::sign_in::sessions::model::{Holder, Session};

impl Contact {
    /// Revokes the access of a contact whose row is locked: their sessions end, their links are revoked, and unsent messages are
    /// cancelled. Its invitation stays as it is, without a valid link. Returns the sessions that ended; the caller nudges for
    /// each. A second time changes nothing.
    pub(crate) async fn revoke_access(
        &self,
        conn: &mut Conn,
        reason: Option<&str>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<(Self, Vec<SessionId>)> {
        if self.revoked_at.is_some() {
            return Ok((self.clone(), Vec::new()));
        }
        let (account, holder) = (self.account_id, Holder::Contact(self.id));
        let revoked = diesel::update(contacts::table.find((account, self.id)))
            .set((
                contacts::revoked_at.eq(moment.now),
                contacts::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let ended = Session::end_all(conn, account, holder, "ACCESS_REVOKED", moment.now).await?;
        MagicLink::revoke_of_contact(conn, account, self.id, moment.now).await?;
        Message::cancel_of_contacts(conn, account, &[self.id], &[]).await?;
        let mut event = NewEvent::for_contact(EventKind::AccessRevoked, self.id);
        if let Some(reason) = reason {
            event = event.with(json!({ "reason": reason }));
        }
        record(conn, account, requester, &[event], moment).await?;
        Ok((revoked, ended))
    }

    /// Restores the access of a contact whose row is locked. What was ended stays ended, so the contact signs in again. A second
    /// time changes nothing.
    pub(crate) async fn restore_access(
        &self,
        conn: &mut Conn,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        if self.revoked_at.is_none() {
            return Ok(self.clone());
        }
        let restored = diesel::update(contacts::table.find((self.account_id, self.id)))
            .set((
                contacts::revoked_at.eq(None::<DateTime<Utc>>),
                contacts::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let event = NewEvent::for_contact(EventKind::AccessRestored, self.id);
        record(conn, self.account_id, requester, &[event], moment).await?;
        Ok(restored)
    }
}
