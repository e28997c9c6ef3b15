//! Taking a contact's access to the portal away, and giving it back.

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
    /// Of a contact whose row is held: its sessions end, its links die, what was not sent yet is not sent. Its invitation
    /// stays as it is, without a link that works. Gives the sessions that ended, for each to be nudged; a second time does
    /// nothing.
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
        Message::cancel_of_contact(conn, account, self.id, &[]).await?;
        let mut event = NewEvent::for_contact(EventKind::AccessRevoked, self.id);
        if let Some(reason) = reason {
            event = event.with(json!({ "reason": reason }));
        }
        record(conn, account, requester, &[event], moment).await?;
        Ok((revoked, ended))
    }

    /// Of a contact whose row is held. It signs in anew: what was ended stays ended. A second time does nothing.
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
                contacts::revoked_at.eq(None::<chrono::DateTime<chrono::Utc>>),
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
