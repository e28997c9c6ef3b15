//! What ends with a member's role: its sessions, and the API keys that it made, unless it may still make some.

use serde_json::json;

use super::TeamMember;
use crate::base::actor::{Actor, Requester, Role, Scope};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::sign_in::sessions::model::{Holder, Session};
use crate::team::model::api_key::ApiKey;

/// For each of these the caller nudges.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub sessions: Vec<SessionId>,
    pub keys: Vec<ApiKey>,
}

impl TeamMember {
    /// Of a member whose row is held, with the account's; `next` is its next role, none where it leaves the team.
    pub(crate) async fn end_role(
        &self,
        conn: &mut Conn,
        next: Option<Role>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Ended> {
        let (account, holder) = (self.account_id, Holder::Member(self.id));
        let reason = match next {
            Some(_) => "ROLE_CHANGED",
            None => "REMOVED",
        };
        let sessions = Session::end_all(conn, account, holder, reason, moment.now).await?;
        if next.is_some_and(|role| role.may(Scope::Admin)) {
            return Ok(Ended {
                sessions,
                ..Ended::default()
            });
        }
        let keys = ApiKey::revoke_of_maker(conn, account, Actor::Member(self.id), moment.now).await?;
        let event = |key: &ApiKey| {
            let event = NewEvent::new(EventKind::ApiKeyRevoked).on(key.id);
            event.with(json!({ "reason": reason }))
        };
        let events: Vec<NewEvent> = keys.iter().map(event).collect();
        record(conn, account, requester, &events, moment).await?;
        Ok(Ended { sessions, keys })
    }
}
