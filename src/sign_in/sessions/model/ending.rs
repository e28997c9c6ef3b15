//! Ending sessions: one, those that a credential made, all of a holder, all but one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Holder, Session};
use crate::base::db::Conn;
use crate::base::db::schema::sessions;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId, SessionId};
use crate::sign_in::sessions::model::revocation;

/// Which sessions to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    One(SessionId),
    /// Those of a holder that a link or a challenge made.
    MadeBy {
        holder: Holder,
        link: Option<MagicLinkId>,
        challenge: Option<ChallengeId>,
    },
    AllOf(Holder),
    AllBut(SessionId, Holder),
}

impl Session {
    /// Ends those that still live and gives them, for each to be nudged after the commit. Each is revoked by its own id and not
    /// by its holder's, so that a session that is opened a moment later is not taken for an ended one.
    pub(crate) async fn end_those(
        conn: &mut Conn,
        account: AccountId,
        which: Which,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let live = sessions::table
            .filter(sessions::account_id.eq(account))
            .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)));
        let ids = among(conn, live.into_boxed().select(sessions::id), which).await?;
        // In the order of the ids, so that two who end the same ones wait for each other and never deadlock.
        let held: Vec<SessionId> = live
            .filter(sessions::id.eq_any(ids))
            .order(sessions::id)
            .select(sessions::id)
            .for_no_key_update()
            .load(conn)
            .await?;
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let ended: Vec<Self> = diesel::update(live.filter(sessions::id.eq_any(held)))
            .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let subjects: Vec<Uuid> = ended.iter().map(|session| session.id.0).collect();
        revocation::record_many(conn, account, &subjects, now).await?;
        Ok(ended)
    }

    /// Every active session of a person, whose row is locked; the ids of those that ended.
    pub(crate) async fn end_all(
        conn: &mut Conn,
        account: AccountId,
        holder: Holder,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let ended = Self::end_those(conn, account, Which::AllOf(holder), reason, now).await?;
        Ok(ended.into_iter().map(|session| session.id).collect())
    }
}

type Ids<'a> = sessions::BoxedQuery<'a, diesel::pg::Pg, diesel::sql_types::Uuid>;

async fn among(conn: &mut Conn, live: Ids<'_>, which: Which) -> Result<Vec<SessionId>> {
    let holder = match which {
        Which::One(id) => return Ok(vec![id]),
        Which::AllOf(holder) | Which::AllBut(_, holder) | Which::MadeBy { holder, .. } => holder,
    };
    let theirs = match holder {
        Holder::Contact(contact) => live.filter(sessions::contact_id.eq(contact)),
        Holder::Member(member) => live.filter(sessions::team_member_id.eq(member)),
    };
    let these = match which {
        Which::MadeBy { link, challenge, .. } => {
            let made = sessions::magic_link_id.eq(link);
            theirs.filter(made.or(sessions::challenge_id.eq(challenge)))
        }
        Which::AllBut(keep, _) => theirs.filter(sessions::id.ne(keep)),
        Which::One(_) | Which::AllOf(_) => theirs,
    };
    Ok(these.load(conn).await?)
}
