//! Inviting, changing and removing team members; what holds of all three is in `managing.rs`.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;
use serde_json::{Value, json};

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::EmailAddress;
use crate::base::actor::{Manager, Requester, Role};
use crate::base::address;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::plain_text;
use crate::base::secrets::ServerKey;
use crate::live::Topic;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;
use crate::team::graphql::TeamMember;
use crate::team::graphql::api_key::ApiKey;
use crate::team::graphql::managing::{count_letter, hold, not_owners, still_manages};
use crate::team::model as team_member;
use crate::team::model::staff_link::{INVITED, MailedTo, StaffLink};
use crate::team::model::{Ended, Hiring, Terms};

/// The most characters of a name.
const NAME: usize = 100;

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

/// What to change of a member. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateTeamMemberInput {
    /// The member's id.
    team_member_id: ID,
    /// What the member may do. A change ends the member's sessions; a change to `STAFF` or `READ_ONLY` also revokes the API
    /// keys that the member created.
    role: Option<Role>,
    /// The member's name, at most 100 characters; `null` takes it away.
    name: MaybeUndefined<String>,
}

/// The changed member.
#[derive(SimpleObject)]
pub(crate) struct UpdateTeamMemberPayload {
    /// The member as it is now.
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
    /// The member as it was.
    team_member: TeamMember,
    /// The API keys that the member created: they ended when it was removed. Newest first.
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

    /// Changes a member's role or name. An account keeps at least one owner. For owners; for admins, if neither the old
    /// role nor the new one is `OWNER`.
    async fn update_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateTeamMemberInput,
    ) -> Option<GraphqlResult<UpdateTeamMemberPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Removes a member from the team: its sessions and the API keys that it created end at once. An account keeps at least
    /// one owner. For owners; for admins, if the member is not an owner.
    async fn remove_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: RemoveTeamMemberInput,
    ) -> Option<GraphqlResult<RemoveTeamMemberPayload>> {
        mutate(remove(ctx, input)).await
    }
}

fn named(name: Option<&str>) -> Result<Option<String>> {
    let name = name.map(|name| plain_text::line("input.name", name, NAME));
    Ok(name.transpose()?.flatten())
}

async fn invite(ctx: &Context<'_>, input: InviteTeamMemberInput) -> Result<InviteTeamMemberPayload> {
    let manager = ctx.manager()?;
    let role = input.role;
    if !manager.role.manages(role) {
        return Err(not_owners("input.role"));
    }
    let email = address::EmailAddress::parse(&input.email.0)
        .map_err(|fault| Error::bad_input("input.email", format!("Invalid value: {fault}.")))?;
    let name = named(input.name.as_deref())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let hiring = Hiring {
        email: &email,
        name: name.as_deref(),
        role,
        requester: &requester,
    };
    let mut conn = services.db.conn().await?;
    let member = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            count_letter(ctx, conn, manager.account, &moment).await?;
            let key = &services.sign_in.keys.staff_link;
            hire(conn, &manager, &hiring, key, &moment).await
        })
        .await?;
    services.live.nudge(manager.account, &[Topic::Messages]);
    Ok(InviteTeamMemberPayload {
        team_member: member.into(),
    })
}

async fn hire(
    conn: &mut Conn,
    manager: &Manager,
    hiring: &Hiring<'_>,
    key: &ServerKey,
    moment: &Moment,
) -> Result<team_member::TeamMember> {
    let account = manager.account;
    Account::lock(conn, account).await?;
    still_manages(conn, manager, &[hiring.role]).await?;
    let hired = team_member::TeamMember::hire(conn, account, hiring, moment).await?;
    let member = hired.ok_or_else(|| {
        Error::new(Code::Conflict, "This address already belongs to a team member.").at("input.email")
    })?;
    let to = MailedTo {
        member: &member,
        expires_at: moment.now + INVITED,
        challenge: None,
    };
    let link = StaffLink::issue_for_mail(conn, &to, key, moment).await?;
    let message = NewMessage {
        about: Some(link.id.0),
        give_up_at: Some(link.expires_at),
        ..NewMessage::new(
            MessageKind::TeamInvitation,
            &member.email,
            Some(Holder::Member(member.id)),
        )
    };
    Message::queue(conn, account, &message, hiring.requester.actor, moment).await?;
    let event = NewEvent::new(EventKind::MemberInvited).on(member.id);
    let event = event.with(json!({ "role": member.role.as_str() }));
    record(conn, account, hiring.requester, &[event], moment).await?;
    Ok(member)
}

async fn update(ctx: &Context<'_>, input: UpdateTeamMemberInput) -> Result<UpdateTeamMemberPayload> {
    let manager = ctx.manager()?;
    let role = input.role;
    if role.is_some_and(|role| !manager.role.manages(role)) {
        return Err(not_owners("input.role"));
    }
    let name = match &input.name {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(name) => Some(named(Some(name))?),
    };
    let terms = Terms { role, name };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (member, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let next = |now| Some(role.unwrap_or(now));
            let member = hold(conn, &manager, &input.team_member_id, next).await?;
            change(conn, &member, terms, &requester, &moment).await
        })
        .await?;
    nudge(ctx, &manager, &ended);
    Ok(UpdateTeamMemberPayload {
        team_member: member.into(),
        revoked_api_keys: ended.keys.into_iter().map(Into::into).collect(),
    })
}

/// Changes a member; where the role becomes another, its sessions end.
async fn change(
    conn: &mut Conn,
    member: &team_member::TeamMember,
    terms: Terms,
    requester: &Requester,
    moment: &Moment,
) -> Result<(team_member::TeamMember, Ended)> {
    let terms = Terms {
        role: terms.role.filter(|role| *role != member.role),
        name: terms.name.filter(|name| *name != member.name),
    };
    let detail = match (terms.role, &terms.name) {
        (None, None) => return Ok((member.clone(), Ended::default())),
        (Some(role), None) => json!({ "role": role.as_str(), "was": member.role.as_str() }),
        (None, Some(_)) => json!({ "changed": ["name"] }),
        (Some(role), Some(_)) => {
            json!({ "role": role.as_str(), "was": member.role.as_str(), "changed": ["name"] })
        }
    };
    let changed = member.change(conn, &terms).await?;
    let ended = match terms.role {
        Some(role) => member.end_role(conn, Some(role), requester, moment).await?,
        None => Ended::default(),
    };
    note(
        conn,
        (EventKind::MemberChanged, member),
        detail,
        requester,
        moment,
    )
    .await?;
    Ok((changed, ended))
}

async fn note(
    conn: &mut Conn,
    (kind, member): (EventKind, &team_member::TeamMember),
    detail: Value,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    let event = NewEvent::new(kind).on(member.id).with(detail);
    record(conn, member.account_id, requester, &[event], moment).await
}

fn nudge(ctx: &Context<'_>, manager: &Manager, ended: &Ended) {
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
            let member = hold(conn, &manager, &input.team_member_id, |_| None).await?;
            member.remove(conn, moment.now).await?;
            let ended = member.end_role(conn, None, &requester, &moment).await?;
            let detail = json!({ "role": member.role.as_str() });
            note(
                conn,
                (EventKind::MemberRemoved, &member),
                detail,
                &requester,
                &moment,
            )
            .await?;
            Ok((member, ended))
        })
        .await?;
    nudge(ctx, &manager, &ended);
    Ok(RemoveTeamMemberPayload {
        team_member: member.into(),
        revoked_api_keys: ended.keys.into_iter().map(Into::into).collect(),
    })
}
