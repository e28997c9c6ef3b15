//! Idempotency keys: the first mutation with a key inserts it in its own transaction, and stores its response right
//! after. A repeat gets that response (draft-ietf-httpapi-idempotency-key-header-07).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::schema::idempotency_keys;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::secrets::SecretHash;

/// How long a response is kept.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long a response with a secret is kept.
pub(crate) const SECRET_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// A request with an idempotency key, and its sender.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdempotentRequest {
    pub account: AccountId,
    pub viewer: Uuid,
    pub key: SecretHash,
    pub request: SecretHash,
}

/// What is stored for a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    Unused,
    /// It was used for a different request.
    OtherRequest,
    /// Its mutation was committed, and the response is not stored yet.
    Running,
    /// Its response has been deleted, earlier than the key.
    ResponseDeleted,
    /// The sealed response.
    Response(Vec<u8>),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    request_hash: SecretHash,
    expires_at: DateTime<Utc>,
    answer: Option<Vec<u8>>,
    answer_until: Option<DateTime<Utc>>,
}

/// Deletes the viewer's expired keys. Skips those that another transaction is deleting, so that no mutation waits for it.
const DELETE_EXPIRED: &str = "delete from idempotency_keys where (account_id, viewer_id, key_hash) in \
    (select account_id, viewer_id, key_hash from idempotency_keys \
     where account_id = ? and viewer_id = ? and expires_at <= ? for update skip locked)";

/// Deletes expired responses. Their keys stay, so that a repeat is told that it was done.
pub(crate) async fn delete_expired_responses(
    conn: &mut Conn,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<usize> {
    let delete = sql::statement(
        "update idempotency_keys set answer = null where (account_id, viewer_id, key_hash) in \
         (select account_id, viewer_id, key_hash from idempotency_keys \
          where answer is not null and answer_until <= ? limit ? for update skip locked)",
    );
    Ok(delete
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(limit)
        .execute(conn)
        .await?)
}

impl IdempotentRequest {
    pub(crate) async fn state(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<KeyState> {
        let row = idempotency_keys::table
            .find((self.account, self.viewer, self.key))
            .select(Row::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(match row {
            Some(row) if row.expires_at <= now => KeyState::Unused,
            Some(row) if row.request_hash != self.request => KeyState::OtherRequest,
            Some(Row {
                answer_until: Some(until),
                ..
            }) if until <= now => KeyState::ResponseDeleted,
            Some(Row {
                answer: Some(sealed), ..
            }) => KeyState::Response(sealed),
            Some(_) => KeyState::Running,
            None => KeyState::Unused,
        })
    }

    /// Inserts the key within the mutation's transaction; `false` if another request has committed it. Waits for a concurrent
    /// request with the same key.
    pub(crate) async fn claim(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        sql::statement(DELETE_EXPIRED)
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

    /// Stores the response of a committed mutation; does nothing if it was rolled back.
    pub(crate) async fn store_response(
        &self,
        conn: &mut Conn,
        sealed: &[u8],
        until: DateTime<Utc>,
    ) -> Result<()> {
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
