//! Ending sessions: one, those that a credential opened, all of a holder or of many contacts, or all except one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Holder, Session};
use crate::base::db::Conn;
use crate::base::db::schema::sessions;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, ContactId, MagicLinkId, SessionId};
use crate::sign_in::sessions::model::revocation;

/// The sessions to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SessionSelection {
    One(SessionId),
    /// A holder's sessions that a link or a challenge opened.
    OpenedBy {
        holder: Holder,
        link: Option<MagicLinkId>,
        challenge: Option<ChallengeId>,
    },
    AllOf(Holder),
    AllExcept(SessionId, Holder),
}

impl Session {
    /// Ends the selected sessions that are active and returns them; the caller nudges for each after the commit. Each is
    /// revoked by its own id and not by its holder's, so that a session that is opened a moment later stays valid.
    pub(crate) async fn end_selected(
        conn: &mut Conn,
        account: AccountId,
        selection: SessionSelection,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let active = active(account, now).into_boxed().select(sessions::id);
        let ids = selected(conn, active, selection).await?;
        Self::end_active(conn, account, &ids, reason, now).await
    }

    async fn end_active(
        conn: &mut Conn,
        account: AccountId,
        ids: &[SessionId],
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let active = active(account, now);
        // Locked in the order of their ids, so that concurrent transactions wait for each other and never deadlock.
        let locked: Vec<SessionId> = active
            .filter(sessions::id.eq_any(ids))
            .order(sessions::id)
            .select(sessions::id)
            .for_no_key_update()
            .load(conn)
            .await?;
        if locked.is_empty() {
            return Ok(Vec::new());
        }
        let ended: Vec<Self> = diesel::update(active.filter(sessions::id.eq_any(locked)))
            .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let subjects: Vec<Uuid> = ended.iter().map(|session| session.id.0).collect();
        revocation::record_many(conn, account, &subjects, now).await?;
        Ok(ended)
    }

    /// Ends every active session of a person whose row is locked; returns their ids.
    pub(crate) async fn end_all(
        conn: &mut Conn,
        account: AccountId,
        holder: Holder,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let ended = Self::end_selected(conn, account, SessionSelection::AllOf(holder), reason, now).await?;
        Ok(ids_of(&ended))
    }

    /// The same for contacts whose rows are locked.
    pub(crate) async fn end_all_of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>> {
        let ids: Vec<SessionId> = active(account, now)
            .filter(sessions::contact_id.eq_any(contacts))
            .select(sessions::id)
            .load(conn)
            .await?;
        Ok(ids_of(&Self::end_active(conn, account, &ids, reason, now).await?))
    }
}

fn ids_of(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn active(account: AccountId, now: DateTime<Utc>) -> _ {
    sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
}

type ActiveIds<'a> = sessions::BoxedQuery<'a, diesel::pg::Pg, diesel::sql_types::Uuid>;

async fn selected(
    conn: &mut Conn,
    active: ActiveIds<'_>,
    selection: SessionSelection,
) -> Result<Vec<SessionId>> {
    let holder = match selection {
        SessionSelection::One(id) => return Ok(vec![id]),
        SessionSelection::AllOf(holder)
        | SessionSelection::AllExcept(_, holder)
        | SessionSelection::OpenedBy { holder, .. } => holder,
    };
    let of_holder = match holder {
        Holder::Contact(contact) => active.filter(sessions::contact_id.eq(contact)),
        Holder::Member(member) => active.filter(sessions::team_member_id.eq(member)),
    };
    let selected = match selection {
        SessionSelection::OpenedBy { link, challenge, .. } => {
            let by_link = sessions::magic_link_id.eq(link);
            of_holder.filter(by_link.or(sessions::challenge_id.eq(challenge)))
        }
        SessionSelection::AllExcept(keep, _) => of_holder.filter(sessions::id.ne(keep)),
        SessionSelection::One(_) | SessionSelection::AllOf(_) => of_holder,
    };
    Ok(selected.load(conn).await?)
}
