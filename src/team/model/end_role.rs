//! What ends when a member's role changes or it leaves the team: its sessions and, unless its new role may create API keys, the
//! keys that it created.

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

/// The caller nudges for each of these.
#[derive(Debug, Default)]
pub(crate) struct EndedCredentials {
    pub sessions: Vec<SessionId>,
    pub keys: Vec<ApiKey>,
}

impl TeamMember {
    /// The rows of the member and the account are locked. `next` is the member's new role; `None` if it leaves the team.
    pub(crate) async fn end_role(
        &self,
        conn: &mut Conn,
        next: Option<Role>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<EndedCredentials> {
        let (account, holder) = (self.account_id, Holder::Member(self.id));
        let reason = match next {
            Some(_) => "ROLE_CHANGED",
            None => "REMOVED",
        };
        let sessions = Session::end_all(conn, account, holder, reason, moment.now).await?;
        if next.is_some_and(|role| role.may(Scope::Admin)) {
            return Ok(EndedCredentials {
                sessions,
                ..EndedCredentials::default()
            });
        }
        let keys = ApiKey::revoke_created_by(conn, account, Actor::Member(self.id), moment.now).await?;
        let event = |key: &ApiKey| {
            let event = NewEvent::new(EventKind::ApiKeyRevoked).on(key.id);
            event.with(json!({ "reason": reason }))
        };
        let events: Vec<NewEvent> = keys.iter().map(event).collect();
        record(conn, account, requester, &events, moment).await?;
        Ok(EndedCredentials { sessions, keys })
    }
}
