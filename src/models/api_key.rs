//! A server of the account: a secret, shown once, and what it may do.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::auth::viewer::Scope;
use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::api_keys;
use crate::error::Result;
use crate::ids::{AccountId, ApiKeyId};
use crate::secrets::{PlainSecret, SecretKind};

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct ApiKey {
    pub account_id: AccountId,
    pub id: ApiKeyId,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// The key and its secret, which is never readable again.
    pub async fn create(
        conn: &mut Conn,
        account: AccountId,
        name: &str,
        scopes: &[Scope],
        moment: &Moment,
    ) -> Result<(Self, PlainSecret)> {
        let secret = PlainSecret::generate(SecretKind::ApiKey, account, moment);
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let key = diesel::insert_into(api_keys::table)
            .values((
                api_keys::account_id.eq(account),
                api_keys::id.eq(ApiKeyId::new(moment)),
                api_keys::name.eq(name),
                api_keys::secret_hash.eq(secret.hash()),
                api_keys::scopes.eq(scopes),
                api_keys::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        Ok((key, secret))
    }

    pub async fn by_secret(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(secret.account))
            .filter(api_keys::secret_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: ApiKeyId) -> Result<Option<Self>> {
        Ok(api_keys::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Revoked keys are found too.
    pub async fn find_many(conn: &mut Conn, account: AccountId, ids: &[ApiKeyId]) -> Result<Vec<Self>> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(account))
            .filter(api_keys::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub fn usable(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }

    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().filter_map(|word| word.parse().ok()).collect()
    }

    /// Written at most once an hour.
    pub async fn note_use(
        conn: &mut Conn,
        account: AccountId,
        id: ApiKeyId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let earlier = now - chrono::TimeDelta::hours(1);
        diesel::update(api_keys::table.find((account, id)))
            .filter(
                api_keys::last_used_at
                    .is_null()
                    .or(api_keys::last_used_at.lt(earlier)),
            )
            .set(api_keys::last_used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}
