//! A staff sign-in link, one use: created by the command line for 15 minutes, so that no owner is locked out, or mailed with an
//! invitation to the team, for a day.

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

/// How long the link of an invitation to the team lives (NIST SP 800-63B-4, 4.2.1.2: 24 hours by mail).
pub(crate) const INVITED: TimeDelta = TimeDelta::hours(24);

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
pub(crate) struct MailedTo<'a> {
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
        let link = Self {
            account_id: account,
            id: StaffLinkId::new(moment),
            team_member_id: member,
            expires_at: moment.now + LIFETIME,
            used_at: None,
            challenge_id: None,
        };
        link.keep(conn, &secret, moment.now).await?;
        Ok(secret)
    }

    /// One whose secret follows from its id, for a mail: what is sent again says the same.
    pub(crate) async fn issue_for_mail(
        conn: &mut Conn,
        to: &MailedTo<'_>,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<Self> {
        let link = Self {
            account_id: to.member.account_id,
            id: StaffLinkId::new(moment),
            team_member_id: to.member.id,
            expires_at: to.expires_at,
            used_at: None,
            challenge_id: to.challenge,
        };
        let secret = Self::mailed_secret(key, link.account_id, link.id);
        link.keep(conn, &secret, moment.now).await?;
        Ok(link)
    }

    pub fn mailed_secret(key: &ServerKey, account: AccountId, id: StaffLinkId) -> PlainSecret {
        PlainSecret::derive(SecretKind::StaffLink, account, key, &[id.0.as_bytes()])
    }

    /// Whether only the reader of an email has seen the secret. A link of the command line was seen by its operator.
    pub(crate) fn mailed(&self, key: &ServerKey, secret: &PlainSecret) -> bool {
        Self::mailed_secret(key, self.account_id, self.id).hash() == secret.hash()
    }

    async fn keep(&self, conn: &mut Conn, secret: &PlainSecret, now: DateTime<Utc>) -> Result<()> {
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

    /// No link of the member is good any more.
    pub(crate) async fn end_of_member(
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

    /// Notes the press in the sign-in that asked for it; `false` where that is over.
    pub(crate) async fn open_challenge(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let Some(asked) = self.challenge_id else {
            return Ok(true);
        };
        let opened = Challenge::open(conn, self.account_id, asked, now).await?;
        Ok(opened.is_some())
    }

    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }

    /// The first press wins; `false` for every later one.
    pub(crate) async fn spend(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
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
