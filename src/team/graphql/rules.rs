//! Rules for every change of the team: admins can't manage owners, and an account keeps at least one owner.

use async_graphql::{Context, ID};

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::api::context::ContextExt;
use crate::base::actor::{Manager, Role};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, TeamMemberId};
use crate::team::model as team_member;

pub(crate) fn owners_only(field: &str) -> Error {
    Error::forbidden("Only an owner can add, change or remove owners.").at(field)
}

/// Checks the manager's role again: it may have changed while the transaction waited for the account's row.
pub(crate) async fn check_still_manages(conn: &mut Conn, manager: &Manager, roles: &[Role]) -> Result<()> {
    let current = team_member::TeamMember::find(conn, manager.account, manager.member).await?;
    let allowed = current.is_some_and(|current| roles.iter().all(|role| current.role.manages(*role)));
    let lost = || Error::forbidden("Your role doesn't allow this any more.");
    allowed.then_some(()).ok_or_else(lost)
}

/// Locks the account and the member, and checks that the manager may give it the role that `next_role` returns; `None` removes
/// the member.
pub(crate) async fn lock_member(
    conn: &mut Conn,
    manager: &Manager,
    id: &ID,
    next_role: impl FnOnce(Role) -> Option<Role>,
) -> Result<team_member::TeamMember> {
    const FIELD: &str = "input.teamMemberId";
    let missing = || Error::not_found(FIELD, "team member");
    let id: TeamMemberId = id.parse().map_err(|_| missing())?;
    Account::lock(conn, manager.account).await?;
    let member = team_member::TeamMember::lock(conn, manager.account, id).await?;
    let member = member.ok_or_else(missing)?;
    if !manager.role.manages(member.role) {
        return Err(owners_only(FIELD));
    }
    let next = next_role(member.role);
    if member.role == Role::Owner
        && next != Some(Role::Owner)
        && team_member::TeamMember::owner_count(conn, manager.account).await? < 2
    {
        let message = "An account needs at least one owner. Make another member an owner first.";
        return Err(Error::new(Code::Conflict, message).at(FIELD));
    }
    check_still_manages(conn, manager, &[member.role, next.unwrap_or(member.role)]).await?;
    Ok(member)
}

/// An invitation counts towards the account's daily budget of messages.
pub(crate) async fn take_email_budget(
    ctx: &Context<'_>,
    conn: &mut Conn,
    account: AccountId,
    moment: &Moment,
) -> Result<()> {
    let daily = ctx.services().settings.daily_messages;
    let taken = budget::take(conn, account, 1, daily, moment.now).await?;
    taken.map_err(|spent| spent.refusal(moment.now))
}
