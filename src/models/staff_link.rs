//! A staff sign-in link: 15 minutes, one use, made by the command line so that nobody is locked out.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::challenge::Challenge;
use super::team_member::TeamMember;
use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::staff_links;
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId, StaffLinkId, TeamMemberId};
use crate::secrets::{PlainSecret, SecretKind, ServerKey};

const LIFETIME: TimeDelta = TimeDelta::minutes(15);

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct StaffLink {
    pub account_id: AccountId,
    pub id: StaffLinkId,
    pub team_member_id: TeamMemberId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub challenge_id: Option<ChallengeId>,
}

/// Whom a link is mailed to, and until when it is good.
#[derive(Clone, Copy, Debug)]
pub struct MailedTo<'a> {
    pub member: &'a TeamMember,
    pub expires_at: DateTime<Utc>,
    /// The sign-in that asked for it.
    pub challenge: Option<ChallengeId>,
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

    /// One whose secret follows from its id, for a mail: what is sent again says the same.
    pub async fn issue_for_mail(
        conn: &mut Conn,
        to: &MailedTo<'_>,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<StaffLinkId> {
        let id = StaffLinkId::new(moment);
        diesel::insert_into(staff_links::table)
            .values((
                staff_links::account_id.eq(to.member.account_id),
                staff_links::id.eq(id),
                staff_links::team_member_id.eq(to.member.id),
                staff_links::secret_hash.eq(Self::mailed_secret(key, to.member.account_id, id).hash()),
                staff_links::created_at.eq(moment.now),
                staff_links::expires_at.eq(to.expires_at),
                staff_links::challenge_id.eq(to.challenge),
            ))
            .execute(conn)
            .await?;
        Ok(id)
    }

    pub fn mailed_secret(key: &ServerKey, account: AccountId, id: StaffLinkId) -> PlainSecret {
        PlainSecret::derive(SecretKind::StaffLink, account, key, &[id.0.as_bytes()])
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: StaffLinkId) -> Result<Option<Self>> {
        Ok(staff_links::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
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

    /// Notes the press in the sign-in that asked for it; `false` where that is over.
    pub async fn open_challenge(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let Some(asked) = self.challenge_id else {
            return Ok(true);
        };
        let opened = Challenge::open(conn, self.account_id, asked, now).await?;
        Ok(opened.is_some())
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
