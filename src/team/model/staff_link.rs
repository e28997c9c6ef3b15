//! A single-use staff sign-in link: created by the command line for 15 minutes, so that no owner is locked out; emailed with an
//! invitation to the team, for 24 hours; or emailed on request.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::staff_links;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, StaffLinkId, TeamMemberId};
use crate::base::secrets::{PlainSecret, SecretKind, ServerKey};
use crate::sign_in::challenge::model::Challenge;
use crate::team::model::TeamMember;

const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// How long the link of an invitation to the team is valid (NIST SP 800-63B-4, 4.2.1.2: 24 hours by email).
pub(crate) const INVITATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct StaffLink {
    pub account_id: AccountId,
    pub id: StaffLinkId,
    pub team_member_id: TeamMemberId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub challenge_id: Option<ChallengeId>,
}

/// A link to email.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewStaffLink<'a> {
    pub member: &'a TeamMember,
    pub expires_at: DateTime<Utc>,
    /// The sign-in that requested it.
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
        let link = Self {
            account_id: account,
            id: StaffLinkId::new(moment),
            team_member_id: member,
            expires_at: moment.now + LIFETIME,
            used_at: None,
            challenge_id: None,
        };
        link.insert(conn, &secret, moment.now).await?;
        Ok(secret)
    }

    /// Creates a link whose secret is derived from its id, so that every attempt to send the email contains the same link.
    pub(crate) async fn issue_for_email(
        conn: &mut Conn,
        new: &NewStaffLink<'_>,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<Self> {
        let link = Self {
            account_id: new.member.account_id,
            id: StaffLinkId::new(moment),
            team_member_id: new.member.id,
            expires_at: new.expires_at,
            used_at: None,
            challenge_id: new.challenge,
        };
        let secret = Self::emailed_secret(key, link.account_id, link.id);
        link.insert(conn, &secret, moment.now).await?;
        Ok(link)
    }

    pub fn emailed_secret(key: &ServerKey, account: AccountId, id: StaffLinkId) -> PlainSecret {
        PlainSecret::derive(SecretKind::StaffLink, account, key, &[id.0.as_bytes()])
    }

    /// Whether only the recipient of an email has seen the secret. The operator of the command line has seen the links created
    /// there.
    pub(crate) fn emailed(&self, key: &ServerKey, secret: &PlainSecret) -> bool {
        Self::emailed_secret(key, self.account_id, self.id).hash() == secret.hash()
    }

    async fn insert(&self, conn: &mut Conn, secret: &PlainSecret, now: DateTime<Utc>) -> Result<()> {
        diesel::insert_into(staff_links::table)
            .values((
                staff_links::account_id.eq(self.account_id),
                staff_links::id.eq(self.id),
                staff_links::team_member_id.eq(self.team_member_id),
                staff_links::secret_hash.eq(secret.hash()),
                staff_links::created_at.eq(now),
                staff_links::expires_at.eq(self.expires_at),
                staff_links::challenge_id.eq(self.challenge_id),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Expires every link of the member.
    pub(crate) async fn expire_of_member(
        conn: &mut Conn,
        account: AccountId,
        member: TeamMemberId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(staff_links::table)
            .filter(
                staff_links::account_id
                    .eq(account)
                    .and(staff_links::team_member_id.eq(member)),
            )
            .filter(staff_links::expires_at.gt(now))
            .set(staff_links::expires_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: StaffLinkId) -> Result<Option<Self>> {
        Ok(staff_links::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn by_secret(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(staff_links::table
            .filter(staff_links::account_id.eq(secret.account))
            .filter(staff_links::secret_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Marks the sign-in that requested the link as opened; `false` if that sign-in has ended.
    pub(crate) async fn open_challenge(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let Some(challenge) = self.challenge_id else {
            return Ok(true);
        };
        let opened = Challenge::open(conn, self.account_id, challenge, now).await?;
        Ok(opened.is_some())
    }

    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }

    /// Marks the link as used. The first request wins; `false` for every later one.
    pub(crate) async fn mark_used(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let updated = diesel::update(staff_links::table.find((self.account_id, self.id)))
            .filter(
                staff_links::used_at
                    .is_null()
                    .and(staff_links::expires_at.gt(now)),
            )
            .set(staff_links::used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(updated == 1)
    }
}
