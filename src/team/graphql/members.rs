//! Inviting, updating and removing team members. The rules for all three are in `rules.rs`.

mod invite;

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::EmailAddress;
use crate::base::actor::{Manager, Requester, Role};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::plain_text;
use crate::live::Topic;
use crate::team::graphql::TeamMember;
use crate::team::graphql::api_key::ApiKey;
use crate::team::graphql::members::invite::{invite, resend};
use crate::team::graphql::rules::{lock_member, owners_only};
use crate::team::model as team_member;
use crate::team::model::{EndedCredentials, MemberChanges};

/// The most characters of a name.
const MAX_NAME_CHARS: usize = 100;

#[derive(Default)]
pub(crate) struct TeamMutations;

/// The member to add to the team.
#[derive(InputObject)]
pub(crate) struct InviteTeamMemberInput {
    /// The address, which the invitation goes to and the member signs in with.
    email: EmailAddress,
    /// What the member may do.
    role: Role,
    /// The member's name, at most 100 characters.
    name: Option<String>,
}

/// The new member.
#[derive(SimpleObject)]
pub(crate) struct InviteTeamMemberPayload {
    /// The member. An email with a sign-in link is on its way; the link works for 24 hours.
    team_member: TeamMember,
}

/// The member whose invitation to send again.
#[derive(InputObject)]
pub(crate) struct ResendTeamInvitationInput {
    /// The member's id.
    team_member_id: ID,
}

/// The member whose invitation is sent again.
#[derive(SimpleObject)]
pub(crate) struct ResendTeamInvitationPayload {
    /// The member. An email with a new sign-in link is on its way; the link works for 24 hours.
    team_member: TeamMember,
}

/// The changes of a member. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateTeamMemberInput {
    /// The member's id.
    team_member_id: ID,
    /// What the member may do. A change ends the member's sessions; a change to `STAFF` or `READ_ONLY` also revokes the API
    /// keys that the member created.
    role: Option<Role>,
    /// The member's name, at most 100 characters; `null` clears it.
    name: MaybeUndefined<String>,
}

/// The changed member.
#[derive(SimpleObject)]
pub(crate) struct UpdateTeamMemberPayload {
    /// The member after the change.
    team_member: TeamMember,
    /// The API keys that the member created and that ended with the role, the newest first.
    revoked_api_keys: Vec<ApiKey>,
}

/// The member to remove from the team.
#[derive(InputObject)]
pub(crate) struct RemoveTeamMemberInput {
    /// The member's id.
    team_member_id: ID,
}

/// The member that was removed.
#[derive(SimpleObject)]
pub(crate) struct RemoveTeamMemberPayload {
    /// The member, as before the removal.
    team_member: TeamMember,
    /// The API keys that the member created: they ended when the member was removed. Newest first.
    revoked_api_keys: Vec<ApiKey>,
}

#[Object]
impl TeamMutations {
    /// Adds a member to the team and emails a sign-in link. A member who was removed gets the same id
    /// again. For owners; for admins, if the role is not `OWNER`.
    async fn invite_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new member.")] input: InviteTeamMemberInput,
    ) -> Option<GraphqlResult<InviteTeamMemberPayload>> {
        mutate(invite(ctx, input)).await
    }

    /// Sends the invitation of a member who has not signed in yet again, with a new link; the member's earlier links stop
    /// working. For owners; for admins, if the member is not an owner.
    async fn resend_team_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member.")] input: ResendTeamInvitationInput,
    ) -> Option<GraphqlResult<ResendTeamInvitationPayload>> {
        mutate(resend(ctx, input)).await
    }

    /// Changes a member's role or name. An account keeps at least one owner. For owners; for admins, if neither the old
    /// role nor the new one is `OWNER`.
    async fn update_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateTeamMemberInput,
    ) -> Option<GraphqlResult<UpdateTeamMemberPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Removes a member from the team: their sessions and the API keys that they created end at once. An account keeps at least
    /// one owner. For owners; for admins, if the member is not an owner.
    async fn remove_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: RemoveTeamMemberInput,
    ) -> Option<GraphqlResult<RemoveTeamMemberPayload>> {
        mutate(remove(ctx, input)).await
    }
}

fn parse_name(name: Option<&str>) -> Result<Option<String>> {
    let name = name.map(|name| plain_text::line("input.name", name, MAX_NAME_CHARS));
    Ok(name.transpose()?.flatten())
}

async fn update(ctx: &Context<'_>, input: UpdateTeamMemberInput) -> Result<UpdateTeamMemberPayload> {
    let manager = ctx.manager()?;
    let role = input.role;
    if role.is_some_and(|role| !manager.role.manages(role)) {
        return Err(owners_only("input.role"));
    }
    let name = match &input.name {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(name) => Some(parse_name(Some(name))?),
    };
    let changes = MemberChanges { role, name };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (member, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let next = |current| Some(role.unwrap_or(current));
            let member = lock_member(conn, &manager, &input.team_member_id, next).await?;
            change(conn, &member, changes, &requester, &moment).await
        })
        .await?;
    nudge_ended(ctx, &manager, &ended);
    Ok(UpdateTeamMemberPayload {
        team_member: member.into(),
        revoked_api_keys: ended.keys.into_iter().map(Into::into).collect(),
    })
}

/// Updates a member. A change of its role ends its sessions.
async fn change(
    conn: &mut Conn,
    member: &team_member::TeamMember,
    changes: MemberChanges,
    requester: &Requester,
    moment: &Moment,
) -> Result<(team_member::TeamMember, EndedCredentials)> {
    let changes = MemberChanges {
        role: changes.role.filter(|role| *role != member.role),
        name: changes.name.filter(|name| *name != member.name),
    };
    let detail = match (changes.role, &changes.name) {
        (None, None) => return Ok((member.clone(), EndedCredentials::default())),
        (Some(role), None) => json!({ "role": role.as_str(), "was": member.role.as_str() }),
        (None, Some(_)) => json!({ "changed": ["name"] }),
        (Some(role), Some(_)) => {
            json!({ "role": role.as_str(), "was": member.role.as_str(), "changed": ["name"] })
        }
    };
    let updated = member.update(conn, &changes).await?;
    let ended = match changes.role {
        Some(role) => member.end_role(conn, Some(role), requester, moment).await?,
        None => EndedCredentials::default(),
    };
    let event = NewEvent::new(EventKind::MemberChanged).on(member.id).with(detail);
    record(conn, member.account_id, requester, &[event], moment).await?;
    Ok((updated, ended))
}

/// Ends the streams of the sessions and keys at once.
fn nudge_ended(ctx: &Context<'_>, manager: &Manager, ended: &EndedCredentials) {
    let sessions = ended.sessions.iter().map(|session| session.0);
    let subjects = sessions.chain(ended.keys.iter().map(|key| key.id.0));
    let topics: Vec<Topic> = subjects.map(Topic::Revoked).collect();
    ctx.services().live.nudge(manager.account, &topics);
}

async fn remove(ctx: &Context<'_>, input: RemoveTeamMemberInput) -> Result<RemoveTeamMemberPayload> {
    let manager = ctx.manager()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (member, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let member = lock_member(conn, &manager, &input.team_member_id, |_| None).await?;
            member.remove(conn, moment.now).await?;
            let ended = member.end_role(conn, None, &requester, &moment).await?;
            let event = NewEvent::new(EventKind::MemberRemoved).on(member.id);
            let event = event.with(json!({ "role": member.role.as_str() }));
            record(conn, manager.account, &requester, &[event], &moment).await?;
            Ok((member, ended))
        })
        .await?;
    nudge_ended(ctx, &manager, &ended);
    Ok(RemoveTeamMemberPayload {
        team_member: member.into(),
        revoked_api_keys: ended.keys.into_iter().map(Into::into).collect(),
    })
}
