//! A sign-in that was requested by typing an address: one row, with two secrets, the link and the code. Known and unknown
//! addresses leave the same trace.
//!
//! The link signs in only the browser that opens it. The requesting device finishes with the code, or after a confirmation by
//! the person who opened the link: `PENDING` → `LINK_OPENED` → `CONFIRMED` → `COMPLETED`.

mod login_request;
pub(crate) mod mailed_link;
mod transitions;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::db::schema::challenges;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, ContactId, MagicLinkId, StaffLinkId, TeamMemberId};
use crate::base::pairs::paired;
use crate::base::secrets::{PlainSecret, SecretHash};
use crate::sign_in::sessions::model::Holder;

pub use login_request::{LoginRequest, RequestedChallenge, RequestingDevice, seconds_until};
pub(crate) use transitions::CodeAttemptCount;

/// The state of a sign-in by email. It never contains a token.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(name = "SignInChallengeState")]
pub enum ChallengeState {
    /// Nothing has happened yet.
    Pending,
    /// The email's button was used, and signed in the browser that used it.
    LinkOpened,
    /// The device that requested it was confirmed where the button was used: `signInWithChallenge` signs it in now.
    Confirmed,
    /// It is finished. This is the last state.
    Completed,
    /// It expired, was replaced by a newer one, or was denied. This is the last state, also of an unknown sign-in.
    Expired,
}

impl ChallengeState {
    pub(crate) fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Expired)
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Challenge {
    pub account_id: AccountId,
    pub id: ChallengeId,
    pub audience: Audience,
    /// To whom it was emailed; `None` if the address is unknown, or may not get email now.
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub email_key: String,
    /// The address as it was typed, if it belongs to no contact: the code creates one.
    pub sign_up_email: Option<String>,
    pub section: PortalSection,
    pub magic_link_id: Option<MagicLinkId>,
    pub staff_link_id: Option<StaffLinkId>,
    pub device_secret_hash: SecretHash,
    pub matching_number: String,
    /// A code alone was requested: its device has no secret and shows no number.
    pub by_code: bool,
    pub try_count: i16,
    /// An email was queued, or would have been if the address were known.
    pub mailed: bool,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub superseded_at: Option<DateTime<Utc>>,
    /// The link was redeemed.
    pub opened_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub confirmed_by: Option<Uuid>,
    pub completed_at: Option<DateTime<Utc>>,
    /// It was denied or reported, or the address of its person changed.
    pub ended_at: Option<DateTime<Utc>>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_of(account: AccountId, now: DateTime<Utc>) -> _ {
    challenges::table
        .filter(challenges::account_id.eq(account))
        .filter(challenges::superseded_at.is_null())
        .filter(challenges::completed_at.is_null())
        .filter(challenges::ended_at.is_null())
        .filter(challenges::expires_at.gt(now))
}

impl Challenge {
    /// The account and audience of a challenge, by its id alone: a code or a subscription comes without its account.
    /// Everything else is looked up within that account.
    pub async fn locate(conn: &mut Conn, id: ChallengeId) -> Result<Option<(AccountId, Audience)>> {
        Ok(challenges::table
            .filter(challenges::id.eq(id))
            .select((challenges::account_id, challenges::audience))
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: ChallengeId) -> Result<Option<Self>> {
        Ok(challenges::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Locks the row. A transaction that changes the person's row too locks that one first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: ChallengeId) -> Result<Option<Self>> {
        Ok(challenges::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Challenges of several accounts at once.
    pub(crate) async fn find_many(conn: &mut Conn, keys: &[(AccountId, ChallengeId)]) -> Result<Vec<Self>> {
        Ok(challenges::table
            .filter(paired!(keys.iter().copied()))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Whether its secrets may still sign in.
    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        let ended_at = self.superseded_at.or(self.completed_at).or(self.ended_at);
        ended_at.is_none() && self.expires_at > now
    }

    pub(crate) fn state(&self, now: DateTime<Utc>) -> ChallengeState {
        if self.completed_at.is_some() {
            ChallengeState::Completed
        } else if !self.live(now) {
            ChallengeState::Expired
        } else if self.confirmed_at.is_some() {
            ChallengeState::Confirmed
        } else if self.opened_at.is_some() {
            ChallengeState::LinkOpened
        } else {
            ChallengeState::Pending
        }
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member))
    }

    /// Whether the requesting device's secret is this one; in constant time.
    pub(crate) fn requested_with(&self, secret: &PlainSecret) -> bool {
        use subtle::ConstantTimeEq;
        let expected = self.device_secret_hash;
        expected.as_bytes().ct_eq(secret.hash().as_bytes()).into()
    }
}
