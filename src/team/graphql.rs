//! The account's staff.

pub(crate) mod api_key;
pub(crate) mod api_key_mutations;
pub(crate) mod members;
pub(crate) mod rules;

use async_graphql::{Context, ID, Object};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, EmailAddress};
use crate::base::actor::Role;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TeamMemberId};
use crate::base::page::{PageArgs, PageRequest};
use crate::sign_in::sessions::graphql::{Session, manages_team};
use crate::sign_in::sessions::model::Holder;
use crate::team::model as team_member;

#[derive(Clone)]
pub(crate) struct TeamMember {
    account: AccountId,
    id: TeamMemberId,
    role: Role,
    /// `None` for a caller who is known by its credential: the row is read only for a field that needs it.
    row: Option<team_member::TeamMember>,
}

impl From<team_member::TeamMember> for TeamMember {
    fn from(member: team_member::TeamMember) -> Self {
        Self {
            account: member.account_id,
            id: member.id,
            role: member.role,
            row: Some(member),
        }
    }
}

impl TeamMember {
    /// The caller.
    pub(crate) fn of_credential(account: AccountId, id: TeamMemberId, role: Role) -> Self {
        Self {
            account,
            id,
            role,
            row: None,
        }
    }

    async fn read<T>(
        &self,
        ctx: &Context<'_>,
        value: impl FnOnce(&team_member::TeamMember) -> T,
    ) -> Result<T> {
        if let Some(row) = &self.row {
            return Ok(value(row));
        }
        let found = ctx.loaders().members.get(self.id).await?;
        found.as_ref().map(value).ok_or_else(Error::unauthenticated)
    }
}

/// A member of the account's staff, who signs in to the dashboard.
#[Object]
impl TeamMember {
    /// The id: `member_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The address that the member signs in with.
    async fn email(&self, ctx: &Context<'_>) -> Result<EmailAddress> {
        self.read(ctx, |row| EmailAddress(row.email.clone())).await
    }

    /// The member's name, if known.
    async fn name(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, |row| row.name.clone())).await
    }

    /// What the member may do.
    async fn role(&self) -> Role {
        self.role
    }

    /// When the member was added for the first time.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        self.read(ctx, |row| DateTime(row.created_at)).await
    }

    /// When the member first signed in; null if not yet.
    async fn joined_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.joined_at.map(DateTime))).await
    }

    /// When the member last signed in; null if never.
    async fn last_seen_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.last_seen_at.map(DateTime))).await
    }

    /// The member's active sessions, newest first. For the member, for owners and admins.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Session>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            let viewer = &ctx.auth().viewer;
            let (account, holder) = (self.account, Holder::Member(self.id));
            let own = viewer.own_session().is_ok_and(|own| own.holder == holder);
            if !own && !manages_team(viewer) {
                return Err(Error::forbidden(
                    "Only owners and admins see the sessions of others.",
                ));
            }
            Session::list(ctx, args, account, holder).await.map(Some)
        })
        .await
    }
}

/// The list of all current team members.
pub(crate) struct AllMembers;

impl Listed for TeamMember {
    type Of = AllMembers;
}

impl Counted for AllMembers {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        team_member::TeamMember::count(&mut conn, account).await
    }
}

async fn list(ctx: &Context<'_>, args: PageArgs) -> Result<Connection<TeamMember>> {
    let manager = ctx.manager()?;
    let page = PageRequest::parse("teamMembers", &args)?;
    let mut conn = ctx.services().db.conn().await?;
    let rows = team_member::TeamMember::list(&mut conn, manager.account, &page).await?;
    let position = |row: &team_member::TeamMember| by_id(row.id.0);
    Ok(Connection::new(
        "teamMembers",
        rows,
        position,
        manager.account,
        AllMembers,
    ))
}

#[derive(Default)]
pub(crate) struct TeamQueries;

#[Object]
impl TeamQueries {
    /// The account's staff, the newest first. For owners and admins.
    async fn team_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<TeamMember>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async { list(ctx, args).await.map(Some) }).await
    }
}
