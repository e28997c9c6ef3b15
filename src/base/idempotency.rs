//! Mutations that a client may repeat: the first one leaves its key in its own transaction, and its answer right after it.
//! A repeat gets that answer (draft-ietf-httpapi-idempotency-key-header-07).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::schema::idempotency_keys;
use crate::base::db::{Conn, text};
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::secrets::SecretHash;

/// How long a repeat gets the first answer.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long, where the answer holds a secret.
pub const SECRET_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// Who sent which key with which request.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub account: AccountId,
    pub viewer: Uuid,
    pub key: SecretHash,
    pub request: SecretHash,
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    Nothing,
    /// It came with another request.
    Other,
    /// Done, and its answer is not here yet.
    Running,
    /// The answer was kept for a shorter time than the key.
    Gone,
    /// The sealed answer.
    Answer(Vec<u8>),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    request_hash: SecretHash,
    expires_at: DateTime<Utc>,
    answer: Option<Vec<u8>>,
    answer_until: Option<DateTime<Utc>>,
}

/// Old keys of the viewer. Those that another request sweeps are left to it: its transaction may last, and nobody waits for
/// another's mutation because of them.
const SWEEP: &str = "delete from idempotency_keys where (account_id, viewer_id, key_hash) in \
    (select account_id, viewer_id, key_hash from idempotency_keys \
     where account_id = ? and viewer_id = ? and expires_at <= ? for update skip locked)";

/// Empties answers whose time is over; their keys stay, so that a repeat is told that it was done.
pub async fn forget_answers(conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<usize> {
    let forget = text::statement(
        "update idempotency_keys set answer = null where (account_id, viewer_id, key_hash) in \
         (select account_id, viewer_id, key_hash from idempotency_keys \
          where answer is not null and answer_until <= ? limit ? for update skip locked)",
    );
    Ok(forget
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(limit)
        .execute(conn)
        .await?)
}

impl Attempt {
    pub async fn known(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<Known> {
        let row = idempotency_keys::table
            .find((self.account, self.viewer, self.key))
            .select(Row::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(match row {
            Some(row) if row.expires_at <= now => Known::Nothing,
            Some(row) if row.request_hash != self.request => Known::Other,
            Some(Row {
                answer_until: Some(until),
                ..
            }) if until <= now => Known::Gone,
            Some(Row {
                answer: Some(answer), ..
            }) => Known::Answer(answer),
            Some(_) => Known::Running,
            None => Known::Nothing,
        })
    }

    /// Within the mutation's transaction. `false`: somebody else has done it, or is about to, and was waited for.
    pub async fn claim(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        text::statement(SWEEP)
            .bind::<SqlUuid, _>(self.account)
            .bind::<SqlUuid, _>(self.viewer)
            .bind::<Timestamptz, _>(now)
            .execute(conn)
            .await?;
        let claimed = diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::account_id.eq(self.account),
                idempotency_keys::viewer_id.eq(self.viewer),
                idempotency_keys::key_hash.eq(self.key),
                idempotency_keys::request_hash.eq(self.request),
                idempotency_keys::created_at.eq(now),
                idempotency_keys::expires_at.eq(now + LIFETIME),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        Ok(claimed == 1)
    }

    /// The answer of a mutation that is done; nothing where it was undone.
    pub async fn keep(&self, conn: &mut Conn, sealed: &[u8], until: DateTime<Utc>) -> Result<()> {
        diesel::update(idempotency_keys::table.find((self.account, self.viewer, self.key)))
            .filter(idempotency_keys::answer.is_null())
            .set((
                idempotency_keys::answer.eq(sealed),
                idempotency_keys::answer_until.eq(until),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }
}
