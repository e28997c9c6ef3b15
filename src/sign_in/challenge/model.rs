//! A sign-in that was requested by typing an address: one row, with two secrets, the link and the code. Known and unknown
//! addresses leave the same trace.
//!
//! The link signs in the browser that opens it only. The requesting device finishes with the code, or after a confirmation by
//! the person who opened the link: `PENDING` → `LINK_OPENED` → `CONFIRMED` → `COMPLETED`. Each step is one conditional
//! `UPDATE` of a row that is still live, so that of many at once one wins.

mod asking;
pub(crate) mod mailing;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::db::schema::challenges;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, ContactId, MagicLinkId, StaffLinkId, TeamMemberId};
use crate::base::pairs::paired;
use crate::base::secrets::{PlainSecret, SecretHash};
use crate::sign_in::sessions::model::Holder;

pub use asking::{Asked, Request, RequestingDevice, request, seconds_until};

/// Tries at one code; a million codes, so one in 200,000 is guessed (OWASP ASVS 5.0, 6.5.4 and 6.6.3).
pub(crate) const MOST_TRIES: i16 = 5;

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

/// What became of a try at a code, before the code is looked at.
#[derive(Debug)]
pub(crate) enum Tried {
    /// It counts: compare.
    Counted(Box<Challenge>),
    /// Five counted before.
    TooMany(Box<Challenge>),
    /// It can't be finished any more.
    Over(Box<Challenge>),
    Unknown,
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
    /// Whose account a challenge is in, and where it signs in: all that its bare id says, as it comes with a code or from who
    /// watches it. Everything else is looked up in that account.
    pub async fn place_of(conn: &mut Conn, id: ChallengeId) -> Result<Option<(AccountId, Audience)>> {
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

    /// Takes the row for this transaction. Who changes its person's row too holds that first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: ChallengeId) -> Result<Option<Self>> {
        Ok(challenges::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Those of several accounts that are watched.
    pub(crate) async fn find_many(conn: &mut Conn, keys: &[(AccountId, ChallengeId)]) -> Result<Vec<Self>> {
        Ok(challenges::table
            .filter(paired!(keys.iter().copied()))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Whether its secrets may still sign in.
    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        let over = self.superseded_at.or(self.completed_at).or(self.ended_at);
        over.is_none() && self.expires_at > now
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

    /// Whether the asking device's secret is this one; in constant time.
    pub(crate) fn requested_with(&self, secret: &PlainSecret) -> bool {
        use subtle::ConstantTimeEq;
        let ours = self.device_secret_hash;
        ours.as_bytes().ct_eq(secret.hash().as_bytes()).into()
    }

    /// Counts a try before its code is compared. Outside of a transaction: it stays counted, whatever follows.
    pub(crate) async fn take_try(
        conn: &mut Conn,
        account: AccountId,
        id: ChallengeId,
        now: DateTime<Utc>,
    ) -> Result<Tried> {
        let counted = diesel::update(live_of(account, now))
            .filter(challenges::id.eq(id))
            .filter(challenges::try_count.lt(MOST_TRIES))
            .set(challenges::try_count.eq(challenges::try_count + 1))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if let Some(counted) = counted {
            return Ok(Tried::Counted(Box::new(counted)));
        }
        Ok(match Self::find(conn, account, id).await? {
            None => Tried::Unknown,
            Some(found) if found.live(now) => Tried::TooMany(Box::new(found)),
            Some(found) => Tried::Over(Box::new(found)),
        })
    }

    /// Notes that its link was redeemed; `None` if it can't be finished any more.
    pub(crate) async fn open(
        conn: &mut Conn,
        account: AccountId,
        id: ChallengeId,
        now: DateTime<Utc>,
    ) -> Result<Option<ChallengeId>> {
        let opened = sql::fragment::<Nullable<Timestamptz>>("coalesce(opened_at, ?)");
        Ok(diesel::update(live_of(account, now))
            .filter(challenges::id.eq(id))
            .set(challenges::opened_at.eq(opened.bind::<Timestamptz, _>(now)))
            .returning(challenges::id)
            .get_result(conn)
            .await
            .optional()?)
    }

    /// The same by its link's id.
    pub(crate) async fn open_by_link(
        conn: &mut Conn,
        account: AccountId,
        link: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<Option<ChallengeId>> {
        let opened = sql::fragment::<Nullable<Timestamptz>>("coalesce(opened_at, ?)");
        Ok(diesel::update(live_of(account, now))
            .filter(challenges::magic_link_id.eq(link))
            .set(challenges::opened_at.eq(opened.bind::<Timestamptz, _>(now)))
            .returning(challenges::id)
            .get_result(conn)
            .await
            .optional()?)
    }

    /// The person who opened the link confirms it; `false` if it can't be confirmed any more.
    pub(crate) async fn confirm(&self, conn: &mut Conn, by: Holder, now: DateTime<Utc>) -> Result<bool> {
        let confirmed = diesel::update(live_of(self.account_id, now))
            .filter(challenges::id.eq(self.id))
            .filter(challenges::confirmed_at.is_null())
            .set((
                challenges::confirmed_at.eq(now),
                challenges::confirmed_by.eq(by.id()),
            ))
            .execute(conn)
            .await?;
        Ok(confirmed == 1)
    }

    /// The first to finish it wins; `false` for everyone else.
    pub(crate) async fn complete(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let completed = diesel::update(live_of(self.account_id, now))
            .filter(challenges::id.eq(self.id))
            .set(challenges::completed_at.eq(now))
            .execute(conn)
            .await?;
        Ok(completed == 1)
    }

    /// The same by its link's id, where the link itself was the proof.
    pub(crate) async fn complete_by_link(
        conn: &mut Conn,
        account: AccountId,
        link: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<Option<ChallengeId>> {
        Ok(diesel::update(live_of(account, now))
            .filter(challenges::magic_link_id.eq(link))
            .set(challenges::completed_at.eq(now))
            .returning(challenges::id)
            .get_result(conn)
            .await
            .optional()?)
    }

    /// It can't be finished any more.
    pub(crate) async fn end(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let ended = diesel::update(live_of(self.account_id, now))
            .filter(challenges::id.eq(self.id))
            .set(challenges::ended_at.eq(now))
            .execute(conn)
            .await?;
        Ok(ended == 1)
    }

    /// Every one that was asked for at an address: it is not its owner's any more.
    pub(crate) async fn end_of_address(
        conn: &mut Conn,
        account: AccountId,
        audience: Audience,
        email_key: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(live_of(account, now))
            .filter(challenges::email_key.eq(email_key))
            .filter(challenges::audience.eq(audience))
            .set(challenges::ended_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}
