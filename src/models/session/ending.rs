//! Ending all that one person has open.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Holder, Session};
use crate::db::Conn;
use crate::db::schema::sessions;
use crate::error::Result;
use crate::ids::{AccountId, SessionId};
use crate::models::revocation;

impl Session {
    /// Ends every live session of a person, whose row is held, and gives their ids, for each to be nudged. Each is revoked by
    /// its own id and not by the person's: whoever gets access again gets in again at once.
    pub async fn end_all(
        conn: &mut Conn,
        account: AccountId,
        holder: Holder,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        Self::end_others(conn, account, (holder, None), reason, now).await
    }

    /// The same for all but one, which goes on.
    pub async fn end_others(
        conn: &mut Conn,
        account: AccountId,
        (holder, keep): (Holder, Option<SessionId>),
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let live = diesel::update(sessions::table)
            .filter(sessions::account_id.eq(account))
            .filter(sessions::id.ne(keep.map_or(Uuid::nil(), |keep| keep.0)))
            .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
            .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)));
        let ended: Vec<SessionId> = match holder {
            Holder::Contact(id) => {
                let of_contact = live.filter(sessions::contact_id.eq(id));
                of_contact.returning(sessions::id).get_results(conn).await?
            }
            Holder::Member(id) => {
                let of_member = live.filter(sessions::team_member_id.eq(id));
                of_member.returning(sessions::id).get_results(conn).await?
            }
        };
        let subjects: Vec<Uuid> = ended.iter().map(|id| id.0).collect();
        revocation::record_many(conn, account, &subjects, now).await?;
        Ok(ended)
    }
}
