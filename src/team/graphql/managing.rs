//! What holds of every change of the team: admins leave owners alone, and the last owner stays.

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

pub(crate) fn not_owners(field: &str) -> Error {
    Error::forbidden("Only an owner can add, change or remove owners.").at(field)
}

/// Who manages may have lost that while it waited for the account's row.
pub(crate) async fn still_manages(conn: &mut Conn, manager: &Manager, roles: &[Role]) -> Result<()> {
    let now = team_member::TeamMember::find(conn, manager.account, manager.member).await?;
    let may = now.is_some_and(|now| roles.iter().all(|role| now.role.manages(*role)));
    let lost = || Error::forbidden("Your role doesn't allow this any more.");
    may.then_some(()).ok_or_else(lost)
}

/// The member that is to become another, held with the account; `becomes`: its next role, none where it goes.
pub(crate) async fn hold(
    conn: &mut Conn,
    manager: &Manager,
    id: &ID,
    becomes: impl FnOnce(Role) -> Option<Role>,
) -> Result<team_member::TeamMember> {
    const FIELD: &str = "input.teamMemberId";
    let missing = || Error::not_found(FIELD, "team member");
    let id: TeamMemberId = id.parse().map_err(|_| missing())?;
    Account::lock(conn, manager.account).await?;
    let member = team_member::TeamMember::lock(conn, manager.account, id).await?;
    let member = member.ok_or_else(missing)?;
    if !manager.role.manages(member.role) {
        return Err(not_owners(FIELD));
    }
    let next = becomes(member.role);
    if member.role == Role::Owner
        && next != Some(Role::Owner)
        && team_member::TeamMember::owner_count(conn, manager.account).await? < 2
    {
        let words = "An account needs at least one owner. Make another member an owner first.";
        return Err(Error::new(Code::Conflict, words).at(FIELD));
    }
    still_manages(conn, manager, &[member.role, next.unwrap_or(member.role)]).await?;
    Ok(member)
}

/// An email to a new member counts towards the account's messages of the day.
pub(crate) async fn count_letter(
    ctx: &Context<'_>,
    conn: &mut Conn,
    account: AccountId,
    moment: &Moment,
) -> Result<()> {
    let daily = ctx.services().settings.daily_messages;
    let taken = budget::take(conn, account, 1, daily, moment.now).await?;
    taken.map_err(|spent| spent.refusal(moment.now))?;
    Ok(())
}
