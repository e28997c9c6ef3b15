//! A member of the account's team.

pub mod api_key;
mod end_role;
mod membership;
pub mod staff_link;

pub(crate) use end_role::EndedCredentials;
pub(crate) use membership::{MemberChanges, NewMember};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Role;
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::schema::team_members;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, TeamMemberId};

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct TeamMember {
    pub account_id: AccountId,
    pub id: TeamMemberId,
    pub email: String,
    pub email_key: String,
    pub name: Option<String>,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
    pub joined_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl TeamMember {
    pub async fn create(
        conn: &mut Conn,
        account: AccountId,
        email: &EmailAddress,
        role: Role,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(team_members::table)
            .values((
                team_members::account_id.eq(account),
                team_members::id.eq(TeamMemberId::new(moment)),
                team_members::email.eq(&email.text),
                team_members::email_key.eq(&email.key),
                team_members::role.eq(role),
                team_members::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Removed members are not found.
    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: TeamMemberId) -> Result<Option<Self>> {
        Ok(team_members::table
            .find((account, id))
            .filter(team_members::removed_at.is_null())
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Locks the row. Removed members are not found.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: TeamMemberId) -> Result<Option<Self>> {
        Ok(team_members::table
            .find((account, id))
            .filter(team_members::removed_at.is_null())
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Records that the member signed in; the first time, that it joined.
    pub(crate) async fn mark_seen(&self, conn: &mut impl AnyConn, now: DateTime<Utc>) -> Result<()> {
        diesel::update(team_members::table.find((self.account_id, self.id)))
            .set((
                team_members::joined_at.eq(self.joined_at.unwrap_or(now)),
                team_members::last_seen_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Removed members are not found.
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[TeamMemberId],
    ) -> Result<Vec<Self>> {
        Ok(team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::id.eq_any(ids))
            .filter(team_members::removed_at.is_null())
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub async fn by_email(conn: &mut Conn, account: AccountId, email: &EmailAddress) -> Result<Option<Self>> {
        Ok(team_members::table
            .filter(team_members::account_id.eq(account))
            .filter(team_members::email_key.eq(&email.key))
            .filter(team_members::removed_at.is_null())
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }
}
