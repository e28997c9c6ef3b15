//! Revoking the access of contacts to the portal, and restoring it: one statement per table, however many they are.

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
use crate::base::ids::{AccountId, ContactId, SessionId};
use crate::magic_links::model::MagicLink;
use crate::messages::model::Message;
use crate::sign_in::sessions::model::Session;

impl Contact {
    /// Revokes the access of contacts whose rows are locked: their sessions end, their links are revoked, and unsent messages are
    /// cancelled. Their invitations stay as they are, without a valid link. Returns the contacts that changed, and the sessions
    /// that ended; the caller nudges for each. A second time changes nothing.
    pub(crate) async fn revoke_access(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
        reason: Option<&str>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<(Vec<Self>, Vec<SessionId>)> {
        let revoked: Vec<Self> = diesel::update(contacts::table)
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .filter(contacts::revoked_at.is_null())
            .set((
                contacts::revoked_at.eq(moment.now),
                contacts::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        if revoked.is_empty() {
            return Ok((revoked, Vec::new()));
        }
        let ids: Vec<ContactId> = revoked.iter().map(|contact| contact.id).collect();
        let ended = Session::end_all_of_contacts(conn, account, &ids, "ACCESS_REVOKED", moment.now).await?;
        MagicLink::revoke_of_contacts(conn, account, &ids, moment.now).await?;
        Message::cancel_of_contacts(conn, account, &ids, &[]).await?;
        let detail = reason.map(|reason| json!({ "reason": reason }));
        let event = |id: &ContactId| NewEvent {
            detail: detail.clone(),
            ..NewEvent::for_contact(EventKind::AccessRevoked, *id)
        };
        let events: Vec<NewEvent> = ids.iter().map(event).collect();
        record(conn, account, requester, &events, moment).await?;
        Ok((revoked, ended))
    }

    /// Restores the access of contacts whose rows are locked, and returns those that changed. What was ended stays ended, so they
    /// sign in again. A second time changes nothing.
    pub(crate) async fn restore_access(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let restored: Vec<Self> = diesel::update(contacts::table)
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .filter(contacts::revoked_at.is_not_null())
            .set((
                contacts::revoked_at.eq(None::<DateTime<Utc>>),
                contacts::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let event = |contact: &Self| NewEvent::for_contact(EventKind::AccessRestored, contact.id);
        let events: Vec<NewEvent> = restored.iter().map(event).collect();
        record(conn, account, requester, &events, moment).await?;
        Ok(restored)
    }
}
