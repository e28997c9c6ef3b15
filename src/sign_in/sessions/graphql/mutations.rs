//! Ending sessions: the viewer's own, and those that staff may end.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Role, Scope};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::graphql::{Session, may_end, may_see};
use crate::sign_in::sessions::limited_error;
use crate::sign_in::sessions::model as session;
use crate::sign_in::sessions::model::sign_out::{SignOut, sign_out};
use crate::sign_in::sessions::model::{Holder, SessionSelection};
use crate::team::model::TeamMember;

#[derive(Default)]
pub(crate) struct SessionMutations;

/// Which session to end.
#[derive(InputObject)]
pub(crate) struct RevokeSessionInput {
    /// The session's id: `session_…`.
    session_id: ID,
}

/// The session that was ended.
#[derive(SimpleObject)]
pub(crate) struct RevokeSessionPayload {
    /// The session, with the time of its end.
    session: Session,
}

/// How many sessions were ended.
#[derive(SimpleObject)]
pub(crate) struct SignOutEverywherePayload {
    /// How many were active, including the caller's own.
    ended: i32,
}

#[Object]
impl SessionMutations {
    /// Ends a session, and with it its tokens and subscriptions: at once here, within two seconds on every instance, within
    /// ten minutes for services that verify tokens by themselves. For its holder; for staff with the scope `CONTACTS`
    /// a contact's; for owners and admins a team member's, but an owner's for owners alone.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: RevokeSessionInput,
    ) -> Option<GraphqlResult<RevokeSessionPayload>> {
        mutate(revoke(ctx, input)).await
    }

    /// Ends all sessions of the signed-in contact or team member, including this one.
    async fn sign_out_everywhere(
        &self,
        ctx: &Context<'_>,
    ) -> Option<GraphqlResult<SignOutEverywherePayload>> {
        mutate(everywhere(ctx)).await
    }
}

async fn revoke(ctx: &Context<'_>, input: RevokeSessionInput) -> Result<RevokeSessionPayload> {
    let account = account_of(&ctx.auth().viewer)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let id: SessionId = input.session_id.parse().map_err(|_| not_found())?;
    let mut conn = services.db.conn().await?;
    let session = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let found = find_endable(conn, &ctx.auth().viewer, account, id).await?;
            let by = SignOut {
                requester: &requester,
                reason: "REVOKED",
            };
            let ended = sign_out(conn, account, SessionSelection::One(id), by, &moment).await?;
            Ok(ended.into_iter().next().unwrap_or(found))
        })
        .await?;
    services.live.nudge_sessions_ended(account, [id]);
    Ok(RevokeSessionPayload {
        session: session.into(),
    })
}

fn not_found() -> Error {
    Error::not_found("input.sessionId", "session")
}

/// The account of a viewer that may end sessions at all: a signed-in person at least their own, an API key those of contacts.
fn account_of(viewer: &Viewer) -> Result<AccountId> {
    match viewer {
        Viewer::Key { .. } => Ok(viewer.staff(Scope::Contacts)?.account),
        _ => Ok(viewer.own_session()?.account),
    }
}

/// The session, if the viewer may end it. A session that the viewer may not see is not found.
async fn find_endable(
    conn: &mut Conn,
    viewer: &Viewer,
    account: AccountId,
    id: SessionId,
) -> Result<session::Session> {
    let own = viewer.own_session().ok();
    if own.is_some_and(|own| own.section.is_some() && own.id != id) {
        return Err(limited_error());
    }
    let found = session::Session::find(conn, account, id).await?;
    let found = found
        .filter(|session| may_see(viewer, session))
        .ok_or_else(not_found)?;
    if own.is_none_or(|own| found.holder() != Some(own.holder)) {
        may_end(viewer, &found, role_of(conn, &found).await?)?;
    }
    Ok(found)
}

async fn role_of(conn: &mut Conn, session: &session::Session) -> Result<Option<Role>> {
    let Some(Holder::Member(member)) = session.holder() else {
        return Ok(None);
    };
    let member = TeamMember::find(conn, session.account_id, member).await?;
    Ok(member.map(|member| member.role))
}

async fn everywhere(ctx: &Context<'_>) -> Result<SignOutEverywherePayload> {
    let own = ctx.auth().viewer.own_session()?.unrestricted()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let ended = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let by = SignOut {
                requester: &requester,
                reason: "SIGNED_OUT_EVERYWHERE",
            };
            let all = SessionSelection::AllOf(own.holder);
            sign_out(conn, own.account, all, by, &moment).await
        })
        .await?;
    services
        .live
        .nudge_sessions_ended(own.account, ended.iter().map(|session| session.id));
    Ok(SignOutEverywherePayload {
        ended: i32::try_from(ended.len()).unwrap_or(i32::MAX),
    })
}
