//! Who belongs to the team, and as what. Whoever changes that holds the account's row first, so that two owners can't remove
//! each other at the same moment.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::TeamMember;
use crate::base::actor::{Requester, Role};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{challenges, password_resets, passwords, team_members};
use crate::base::error::Result;
use crate::base::ids::{AccountId, TeamMemberId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::messages::model::Message;
use crate::sign_in::google::model::Identity;
use crate::sign_in::sessions::model::Holder;
use crate::team::model::staff_link::StaffLink;

/// A person to add to the team.
#[derive(Clone, Debug)]
pub(crate) struct Hiring<'a> {
    pub email: &'a EmailAddress,
    pub name: Option<&'a str>,
    pub role: Role,
    pub requester: &'a Requester,
}

/// What of a member can be changed; none: it stays.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = team_members)]
pub(crate) struct Terms {
    pub role: Option<Role>,
    pub name: Option<Option<String>>,
}

impl TeamMember {
    /// The new member, or one that was removed, with its id; `None` where the address is a member's.
    pub(crate) async fn hire(
        conn: &mut Conn,
        account: AccountId,
        hiring: &Hiring<'_>,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        let (email, now) = (hiring.email, moment.now);
        let invited_by = hiring.requester.actor.to_string();
        let fresh = diesel::insert_into(team_members::table)
            .values((
                team_members::account_id.eq(account),
                team_members::id.eq(TeamMemberId::new(moment)),
                (
                    team_members::email.eq(&email.text),
                    team_members::email_key.eq(&email.key),
                ),
                (
                    team_members::name.eq(hiring.name),
                    team_members::role.eq(hiring.role),
                ),
                (
                    team_members::invited_by.eq(&invited_by),
                    team_members::created_at.eq(now),
                ),
            ))
            .on_conflict_do_nothing()
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if fresh.is_some() {
            return Ok(fresh);
        }
        let never = None::<DateTime<Utc>>;
        Ok(diesel::update(team_members::table)
            .filter(
                team_members::account_id
                    .eq(account)
                    .and(team_members::email_key.eq(&email.key)),
            )
            .filter(team_members::removed_at.is_not_null())
            .set((
                team_members::email.eq(&email.text),
                (
                    team_members::name.eq(hiring.name),
                    team_members::role.eq(hiring.role),
                ),
                team_members::invited_by.eq(&invited_by),
                (
                    team_members::joined_at.eq(never),
                    team_members::last_seen_at.eq(never),
                ),
                team_members::removed_at.eq(never),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn change(&self, conn: &mut Conn, terms: &Terms) -> Result<Self> {
        Ok(
            diesel::update(team_members::table.find((self.account_id, self.id)))
                .set(terms)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }

    /// Takes a member out of the team, with all it could sign in with: nothing of that is good again if it comes back.
    pub(crate) async fn remove(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let account = self.account_id;
        diesel::update(team_members::table.find((account, self.id)))
            .set(team_members::removed_at.eq(now))
            .execute(conn)
            .await?;
        self.forget_credentials(conn, now).await?;
        StaffLink::end_of_member(conn, account, self.id, now).await?;
        Message::cancel_of_member(conn, account, self.id).await
    }

    async fn forget_credentials(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let account = self.account_id;
        diesel::delete(passwords::table.find((account, self.id.0)))
            .execute(conn)
            .await?;
        Identity::unlink_all(conn, account, Holder::Member(self.id)).await?;
        diesel::update(password_resets::table)
            .filter(password_resets::account_id.eq(account))
            .filter(password_resets::team_member_id.eq(self.id))
            .filter(password_resets::ended_at.is_null())
            .set(password_resets::ended_at.eq(now))
            .execute(conn)
            .await?;
        diesel::update(challenges::table)
            .filter(challenges::account_id.eq(account))
            .filter(challenges::team_member_id.eq(self.id))
            .filter(challenges::ended_at.is_null())
            .set(challenges::ended_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn owner_count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::role.eq(Role::Owner))
            .filter(team_members::removed_at.is_null())
            .count()
            .get_result(conn)
            .await?)
    }

    /// Newest first, without the removed.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, page: &PageRequest) -> Result<Page<Self>> {
        let query = team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::removed_at.is_null())
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, team_members::id, TeamMemberId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::removed_at.is_null())
            .count()
            .get_result(conn)
            .await?)
    }

    /// Removed members are found too: the audit log names them.
    pub(crate) async fn find_ever(
        conn: &mut Conn,
        account: AccountId,
        ids: &[TeamMemberId],
    ) -> Result<Vec<Self>> {
        Ok(team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}
