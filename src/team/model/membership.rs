//! Adding, updating and removing team members. Every change of the team locks the account's row first, so that two owners can't
//! remove each other at the same time.

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
pub(crate) struct NewMember<'a> {
    pub email: &'a EmailAddress,
    pub name: Option<&'a str>,
    pub role: Role,
    pub requester: &'a Requester,
}

/// The changes of a member. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = team_members)]
pub(crate) struct MemberChanges {
    pub role: Option<Role>,
    pub name: Option<Option<String>>,
}

impl TeamMember {
    /// Adds a member. A removed member with the address gets its id again; `None` if a current member has the address.
    pub(crate) async fn add(
        conn: &mut Conn,
        account: AccountId,
        new: &NewMember<'_>,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        let (email, now) = (new.email, moment.now);
        let invited_by = new.requester.actor.to_string();
        let inserted = diesel::insert_into(team_members::table)
            .values((
                team_members::account_id.eq(account),
                team_members::id.eq(TeamMemberId::new(moment)),
                (
                    team_members::email.eq(&email.text),
                    team_members::email_key.eq(&email.key),
                ),
                (team_members::name.eq(new.name), team_members::role.eq(new.role)),
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
        if inserted.is_some() {
            return Ok(inserted);
        }
        let none = None::<DateTime<Utc>>;
        Ok(diesel::update(team_members::table)
            .filter(
                team_members::account_id
                    .eq(account)
                    .and(team_members::email_key.eq(&email.key)),
            )
            .filter(team_members::removed_at.is_not_null())
            .set((
                team_members::email.eq(&email.text),
                (team_members::name.eq(new.name), team_members::role.eq(new.role)),
                team_members::invited_by.eq(&invited_by),
                (
                    team_members::joined_at.eq(none),
                    team_members::last_seen_at.eq(none),
                ),
                team_members::removed_at.eq(none),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn update(&self, conn: &mut Conn, changes: &MemberChanges) -> Result<Self> {
        Ok(
            diesel::update(team_members::table.find((self.account_id, self.id)))
                .set(changes)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }

    /// Removes a member and everything that it could sign in with. None of that becomes valid again if the member is added again.
    pub(crate) async fn remove(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let account = self.account_id;
        diesel::update(team_members::table.find((account, self.id)))
            .set(team_members::removed_at.eq(now))
            .execute(conn)
            .await?;
        self.delete_credentials(conn, now).await?;
        StaffLink::expire_of_member(conn, account, self.id, now).await?;
        Message::cancel_of_member(conn, account, self.id).await
    }

    async fn delete_credentials(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
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

    /// Newest first, without removed members.
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

    /// Finds removed members too: the audit log shows their names.
    pub(crate) async fn find_many_with_removed(
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
