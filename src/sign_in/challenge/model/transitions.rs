//! What happens to a challenge. Each transition is one conditional `UPDATE` of a row that is still live, so that one of
//! several concurrent requests wins.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;

use super::{Challenge, live_of};
use crate::base::actor::Audience;
use crate::base::db::schema::challenges;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId};
use crate::sign_in::challenge::code;
use crate::sign_in::sessions::model::Holder;

/// The result of counting an attempt at a code, before the code is compared.
#[derive(Debug)]
pub(crate) enum CodeAttemptCount {
    /// The attempt counts: compare the code.
    Counted(Box<Challenge>),
    /// Five were counted before.
    TooMany(Box<Challenge>),
    Ended(Box<Challenge>),
    Unknown,
}

impl Challenge {
    /// Counts an attempt before its code is compared. Outside of a transaction, so that it stays counted whatever follows.
    pub(crate) async fn count_code_attempt(
        conn: &mut Conn,
        account: AccountId,
        id: ChallengeId,
        now: DateTime<Utc>,
    ) -> Result<CodeAttemptCount> {
        let counted = diesel::update(live_of(account, now))
            .filter(challenges::id.eq(id))
            .filter(challenges::try_count.lt(code::MAX_ATTEMPTS))
            .set(challenges::try_count.eq(challenges::try_count + 1))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if let Some(counted) = counted {
            return Ok(CodeAttemptCount::Counted(Box::new(counted)));
        }
        Ok(match Self::find(conn, account, id).await? {
            None => CodeAttemptCount::Unknown,
            Some(found) if found.live(now) => CodeAttemptCount::TooMany(Box::new(found)),
            Some(found) => CodeAttemptCount::Ended(Box::new(found)),
        })
    }

    /// Records that the link was redeemed; `None` if the challenge has ended.
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

    /// [`Self::open`], by the id of the link.
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

    /// The person who opened the link confirms it; `false` if it has ended or was confirmed before.
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

    /// The first caller completes it; `false` for every later one.
    pub(crate) async fn complete(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let completed = diesel::update(live_of(self.account_id, now))
            .filter(challenges::id.eq(self.id))
            .set(challenges::completed_at.eq(now))
            .execute(conn)
            .await?;
        Ok(completed == 1)
    }

    /// [`Self::complete`], by the id of the link, where the link itself was the proof.
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

    /// Ends it for good; `false` if it had ended before.
    pub(crate) async fn end(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let ended = diesel::update(live_of(self.account_id, now))
            .filter(challenges::id.eq(self.id))
            .set(challenges::ended_at.eq(now))
            .execute(conn)
            .await?;
        Ok(ended == 1)
    }

    /// Ends every challenge of an address that no longer belongs to the person.
    pub(crate) async fn end_by_address(
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
