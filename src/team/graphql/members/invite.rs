//! Inviting a team member by email.

use async_graphql::Context;
use diesel_async::AsyncConnection;
use serde_json::json;

use super::{
    InviteTeamMemberInput, InviteTeamMemberPayload, ResendTeamInvitationInput, ResendTeamInvitationPayload,
    parse_name,
};
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::actor::{Manager, Requester};
use crate::base::address;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::ServerKey;
use crate::live::Topic;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;
use crate::team::graphql::rules::{check_still_manages, lock_member, owners_only, take_email_budget};
use crate::team::model as team_member;
use crate::team::model::NewMember;
use crate::team::model::staff_link::{INVITATION_LIFETIME, NewStaffLink, StaffLink};

pub(super) async fn invite(
    ctx: &Context<'_>,
    input: InviteTeamMemberInput,
) -> Result<InviteTeamMemberPayload> {
    let manager = ctx.manager()?;
    let role = input.role;
    if !manager.role.manages(role) {
        return Err(owners_only("input.role"));
    }
    let email = address::EmailAddress::parse(&input.email.0)
        .map_err(|error| Error::bad_input("input.email", format!("Invalid value: {error}.")))?;
    let name = parse_name(input.name.as_deref())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let new = NewMember {
        email: &email,
        name: name.as_deref(),
        role,
        requester: &requester,
    };
    let mut conn = services.db.conn().await?;
    let member = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            take_email_budget(ctx, conn, manager.account, &moment).await?;
            let key = &services.sign_in.keys.staff_link;
            add_member(conn, &manager, &new, key, &moment).await
        })
        .await?;
    services.live.nudge(manager.account, &[Topic::Messages]);
    Ok(InviteTeamMemberPayload {
        team_member: member.into(),
    })
}

async fn add_member(
    conn: &mut Conn,
    manager: &Manager,
    new: &NewMember<'_>,
    key: &ServerKey,
    moment: &Moment,
) -> Result<team_member::TeamMember> {
    let account = manager.account;
    Account::lock(conn, account).await?;
    check_still_manages(conn, manager, &[new.role]).await?;
    let added = team_member::TeamMember::add(conn, account, new, moment).await?;
    let member = added.ok_or_else(|| {
        Error::new(Code::Conflict, "This address already belongs to a team member.").at("input.email")
    })?;
    email_link(conn, &member, new.requester, key, moment).await?;
    let event = NewEvent::new(EventKind::MemberInvited).on(member.id);
    let event = event.with(json!({ "role": member.role.as_str() }));
    record(conn, account, new.requester, &[event], moment).await?;
    Ok(member)
}

pub(super) async fn resend(
    ctx: &Context<'_>,
    input: ResendTeamInvitationInput,
) -> Result<ResendTeamInvitationPayload> {
    let manager = ctx.manager()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let member = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let member = lock_member(conn, &manager, &input.team_member_id, Some).await?;
            if member.joined_at.is_some() {
                let message = "This member has signed in already.";
                return Err(Error::new(Code::Conflict, message).at("input.teamMemberId"));
            }
            take_email_budget(ctx, conn, manager.account, &moment).await?;
            StaffLink::expire_of_member(conn, manager.account, member.id, moment.now).await?;
            let key = &services.sign_in.keys.staff_link;
            email_link(conn, &member, &requester, key, &moment).await?;
            let event = NewEvent::new(EventKind::MemberInvitationResent).on(member.id);
            record(conn, manager.account, &requester, &[event], &moment).await?;
            Ok(member)
        })
        .await?;
    services.live.nudge(manager.account, &[Topic::Messages]);
    Ok(ResendTeamInvitationPayload {
        team_member: member.into(),
    })
}

/// Queues the email of an invitation, with a new link.
async fn email_link(
    conn: &mut Conn,
    member: &team_member::TeamMember,
    requester: &Requester,
    key: &ServerKey,
    moment: &Moment,
) -> Result<()> {
    let new_link = NewStaffLink {
        member,
        expires_at: moment.now + INVITATION_LIFETIME,
        challenge: None,
    };
    let link = StaffLink::issue_for_email(conn, &new_link, key, moment).await?;
    let message = NewMessage {
        about: Some(link.id.0),
        give_up_at: Some(link.expires_at),
        ..NewMessage::new(
            MessageKind::TeamInvitation,
            &member.email,
            Some(Holder::Member(member.id)),
        )
    };
    Message::queue(conn, member.account_id, &message, requester.actor, moment).await?;
    Ok(())
}
