//! A sign-in of a contact to the portal, or of a team member to the dashboard.

mod end;
pub(crate) mod list;
pub(crate) mod new_device;
mod new_session;
pub mod refresh;
pub(crate) mod revocation;
pub(crate) mod sign_out;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

pub(crate) use end::SessionSelection;
pub use new_session::{NewSession, StepUp};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, SignInMethod};
use crate::base::db::schema::sessions;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, ContactId, MagicLinkId, SessionId, TeamMemberId};
use crate::base::secrets::{PlainSecret, SecretHash, SecretKind, ServerKey};
use crate::sign_in::person::Person;

/// A request counts as a use only this long after the session began: an earlier one may come from a mail scanner.
pub(crate) const SCANNER_WINDOW: TimeDelta = TimeDelta::seconds(10);

/// How long a proof counts as fresh (OWASP ASVS 5.0, 7.5.1).
const FRESH_PROOF: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Session {
    pub account_id: AccountId,
    pub id: SessionId,
    pub audience: Audience,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub section: Option<PortalSection>,
    pub method: SignInMethod,
    pub staff_seen: bool,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub first_used_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub magic_link_id: Option<MagicLinkId>,
    pub challenge_id: Option<ChallengeId>,
    /// When its holder last proved who they are, with a credential that only they have seen.
    pub proved_at: Option<DateTime<Utc>>,
    /// The address that its holder had when it was opened.
    pub email_key: Option<String>,
}

/// The person who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Contact(ContactId),
    Member(TeamMemberId),
}

impl Holder {
    pub fn id(self) -> Uuid {
        match self {
            Self::Contact(id) => id.0,
            Self::Member(id) => id.0,
        }
    }

    pub(crate) fn contact(self) -> Option<ContactId> {
        match self {
            Self::Contact(id) => Some(id),
            Self::Member(_) => None,
        }
    }

    pub(crate) fn member(self) -> Option<TeamMemberId> {
        match self {
            Self::Contact(_) => None,
            Self::Member(id) => Some(id),
        }
    }

    pub(crate) fn audience(self) -> Audience {
        match self {
            Self::Contact(_) => Audience::Portal,
            Self::Member(_) => Audience::Dashboard,
        }
    }
}

impl Session {
    /// Issues the session's secret for a browser. It is derived from the session and the browser's pre-session cookie, so
    /// that two concurrent requests get the same cookie.
    pub(crate) async fn issue_cookie(
        &self,
        conn: &mut impl AnyConn,
        key: &ServerKey,
        browser: &str,
    ) -> Result<PlainSecret> {
        let from: [&[u8]; 2] = [self.id.0.as_bytes(), browser.as_bytes()];
        let secret = PlainSecret::derive(SecretKind::Cookie, self.account_id, key, &from);
        diesel::update(sessions::table.find((self.account_id, self.id)))
            .set(sessions::cookie_hash.eq(secret.hash()))
            .execute(conn)
            .await?;
        Ok(secret)
    }

    pub(crate) async fn by_cookie(
        conn: &mut Conn,
        secret: &PlainSecret,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let hash: SecretHash = secret.hash();
        Ok(sessions::table
            .filter(
                sessions::account_id
                    .eq(secret.account)
                    .and(sessions::cookie_hash.eq(hash)),
            )
            .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: SessionId) -> Result<Option<Self>> {
        Ok(sessions::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Whether a contact has other sessions than this one. Ended sessions are kept for as long as any link is valid.
    pub(crate) async fn has_others(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        session: SessionId,
    ) -> Result<bool> {
        let others = sessions::table
            .filter(sessions::account_id.eq(account))
            .filter(sessions::contact_id.eq(contact))
            .filter(sessions::id.ne(session));
        Ok(diesel::select(exists(others)).get_result(conn).await?)
    }

    /// Locks the row. A transaction that locks a refresh token too locks the session first, as deleting a contact does.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: SessionId) -> Result<Option<Self>> {
        Ok(sessions::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Ends the session and records the revocation of its tokens; `false` if it had ended before.
    pub async fn end(
        conn: &mut Conn,
        account: AccountId,
        id: SessionId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let ended = diesel::update(sessions::table.find((account, id)))
            .filter(sessions::ended_at.is_null())
            .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)))
            .execute(conn)
            .await?;
        if ended == 1 {
            revocation::record(conn, account, id.0, now).await?;
        }
        Ok(ended == 1)
    }

    /// Records the first use that counts, before the response: from then on its link can't be redeemed once more.
    pub(crate) async fn record_first_use(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        if self.first_used_at.is_some() || now - self.created_at <= SCANNER_WINDOW {
            return Ok(());
        }
        Self::mark_first_use(conn, self.account_id, self.id, now).await
    }

    async fn mark_first_use(
        conn: &mut Conn,
        account: AccountId,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(sessions::table.find((account, id)))
            .filter(
                sessions::first_used_at
                    .is_null()
                    .and(sessions::created_at.lt(now - SCANNER_WINDOW)),
            )
            .set(sessions::first_used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records a use: the first one that counts, and the last one at most once a day.
    pub(crate) async fn record_use(
        conn: &mut Conn,
        account: AccountId,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        Self::mark_first_use(conn, account, id, now).await?;
        let today = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        diesel::update(sessions::table.find((account, id)))
            .filter(
                sessions::last_seen_at
                    .is_null()
                    .or(sessions::last_seen_at.lt(today)),
            )
            .set(sessions::last_seen_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member))
    }

    /// Whether it may change its holder's credentials: an unrestricted session with a fresh proof, of a holder who still
    /// has the same address.
    pub(crate) fn has_fresh_proof(&self, holder: &Person, now: DateTime<Utc>) -> bool {
        self.section.is_none()
            && self.proved_at.is_some_and(|at| now - at < FRESH_PROOF)
            && self.email_key.as_deref() == holder.email_key()
    }

    /// The section that it lands on: the only one that it opens, or home.
    pub(crate) fn section_or_home(&self) -> PortalSection {
        self.section.unwrap_or(PortalSection::Home)
    }

    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}
