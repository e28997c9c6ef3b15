//! A staff sign-in link: 15 minutes, one use, made by the command line so that nobody is locked out.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::staff_links;
use crate::error::Result;
use crate::ids::{AccountId, StaffLinkId, TeamMemberId};
use crate::secrets::{PlainSecret, SecretKind};

const LIFETIME: TimeDelta = TimeDelta::minutes(15);

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct StaffLink {
    pub account_id: AccountId,
    pub id: StaffLinkId,
    pub team_member_id: TeamMemberId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

impl StaffLink {
    pub async fn issue(
        conn: &mut Conn,
        account: AccountId,
        member: TeamMemberId,
        moment: &Moment,
    ) -> Result<PlainSecret> {
        let secret = PlainSecret::generate(SecretKind::StaffLink, account, moment);
        diesel::insert_into(staff_links::table)
            .values((
                staff_links::account_id.eq(account),
                staff_links::id.eq(StaffLinkId::new(moment)),
                staff_links::team_member_id.eq(member),
                staff_links::secret_hash.eq(secret.hash()),
                staff_links::created_at.eq(moment.now),
                staff_links::expires_at.eq(moment.now + LIFETIME),
            ))
            .execute(conn)
            .await?;
        Ok(secret)
    }

    pub async fn by_secret(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(staff_links::table
            .filter(staff_links::account_id.eq(secret.account))
            .filter(staff_links::secret_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub fn live(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }

    /// The first press wins; `false` for every later one.
    pub async fn spend(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let spent = diesel::update(staff_links::table.find((self.account_id, self.id)))
            .filter(
                staff_links::used_at
                    .is_null()
                    .and(staff_links::expires_at.gt(now)),
            )
            .set(staff_links::used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(spent == 1)
    }
}
