//! Ending sessions: one, those that a credential made, all of a holder. Each is recorded by its own id, so that a session
//! that is opened a moment later is not taken for an ended one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::audit::{EventKind, NewEvent, record};
use super::session::{Holder, Session};
use crate::auth::viewer::Acting;
use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::{revocations, sessions};
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId, MagicLinkId, SessionId};

/// Which sessions to end.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    One(SessionId),
    /// Those of a holder that a link or a challenge made.
    MadeBy {
        holder: Holder,
        link: Option<MagicLinkId>,
        challenge: Option<ChallengeId>,
    },
    AllOf(Holder),
}

/// Ends those that still live, writes down who did it and why, and says which they were: the caller nudges for each.
pub async fn sign_out(
    conn: &mut Conn,
    account: AccountId,
    which: Which,
    (acting, reason): (&Acting, &str),
    moment: &Moment,
) -> Result<Vec<Session>> {
    let ended = end(conn, account, which, reason, moment.now).await?;
    if ended.is_empty() {
        return Ok(ended);
    }
    diesel::insert_into(revocations::table)
        .values(
            ended
                .iter()
                .map(|session| revoked(session, moment.now))
                .collect::<Vec<_>>(),
        )
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    let events: Vec<NewEvent> = ended.iter().map(|session| event(session, reason)).collect();
    record(conn, account, acting, &events, moment).await?;
    Ok(ended)
}

async fn end(
    conn: &mut Conn,
    account: AccountId,
    which: Which,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Session>> {
    let live = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)));
    let ids: Vec<SessionId> = match which {
        Which::One(id) => vec![id],
        Which::AllOf(holder) | Which::MadeBy { holder, .. } => {
            let theirs = live.into_boxed().select(sessions::id);
            let mut theirs = match holder {
                Holder::Contact(contact) => theirs.filter(sessions::contact_id.eq(contact)),
                Holder::Member(member) => theirs.filter(sessions::team_member_id.eq(member)),
            };
            if let Which::MadeBy { link, challenge, .. } = which {
                let made = sessions::magic_link_id.eq(link);
                theirs = theirs.filter(made.or(sessions::challenge_id.eq(challenge)));
            }
            theirs.order(sessions::id).load(conn).await?
        }
    };
    // In the order of the ids, so that two who end the same ones wait for each other and never deadlock.
    let held: Vec<SessionId> = live
        .filter(sessions::id.eq_any(ids))
        .order(sessions::id)
        .select(sessions::id)
        .for_no_key_update()
        .load(conn)
        .await?;
    Ok(diesel::update(live.filter(sessions::id.eq_any(held)))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)))
        .returning(Session::as_returning())
        .get_results(conn)
        .await?)
}

type Revoked = (
    diesel::dsl::Eq<revocations::account_id, AccountId>,
    diesel::dsl::Eq<revocations::subject, Uuid>,
    diesel::dsl::Eq<revocations::at, DateTime<Utc>>,
);

fn revoked(session: &Session, now: DateTime<Utc>) -> Revoked {
    (
        revocations::account_id.eq(session.account_id),
        revocations::subject.eq(session.id.0),
        revocations::at.eq(now),
    )
}

fn event(session: &Session, reason: &str) -> NewEvent {
    let event = match session.contact_id {
        Some(contact) => NewEvent::to(EventKind::SessionEnded, contact),
        None => NewEvent::of(EventKind::SessionEnded),
    };
    event.on(session.id).with(serde_json::json!({ "reason": reason }))
}
