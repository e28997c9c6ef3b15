//! API keys: credentials of the account's servers, with their scopes. A secret is shown once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::actor::{Actor, Scope};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::api_keys;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ApiKeyId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::sessions::model::revocation;

/// How many characters of a secret are stored as its hint.
const HINT_CHARS: usize = 4;

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
    pub created_by: String,
    /// The last characters of the secret, to recognise it by.
    pub hint: String,
}

/// The key to create.
#[derive(Clone, Debug)]
pub(crate) struct NewKey<'a> {
    pub name: &'a str,
    pub scopes: &'a [Scope],
    pub expires_at: Option<DateTime<Utc>>,
    pub created_by: Actor,
}

/// Whether an API key can be used.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiKeyStatus {
    /// It can be used.
    Active,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
}

impl ApiKey {
    /// Creates a key that doesn't expire, for the command line.
    pub async fn create(
        conn: &mut Conn,
        account: AccountId,
        name: &str,
        scopes: &[Scope],
        moment: &Moment,
    ) -> Result<(Self, PlainSecret)> {
        let new = NewKey {
            name,
            scopes,
            expires_at: None,
            created_by: Actor::System,
        };
        Self::issue(conn, account, &new, moment).await
    }

    /// Creates a key. Its secret can't be read again.
    pub(crate) async fn issue(
        conn: &mut Conn,
        account: AccountId,
        new: &NewKey<'_>,
        moment: &Moment,
    ) -> Result<(Self, PlainSecret)> {
        let secret = PlainSecret::generate(SecretKind::ApiKey, account, moment);
        let shown = secret.reveal();
        let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        let key = diesel::insert_into(api_keys::table)
            .values((
                api_keys::account_id.eq(account),
                api_keys::id.eq(ApiKeyId::new(moment)),
                api_keys::name.eq(new.name),
                api_keys::secret_hash.eq(secret.hash()),
                api_keys::scopes.eq(scopes),
                api_keys::created_at.eq(moment.now),
                api_keys::expires_at.eq(new.expires_at),
                api_keys::created_by.eq(new.created_by.to_string()),
                api_keys::hint.eq(&shown[shown.len() - HINT_CHARS..]),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        Ok((key, secret))
    }

    /// Revokes a key and ends the streams that it opened; `None` if it was revoked before.
    pub(crate) async fn revoke(
        conn: &mut Conn,
        account: AccountId,
        id: ApiKeyId,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let revoked = diesel::update(api_keys::table.find((account, id)))
            .filter(api_keys::revoked_at.is_null())
            .set(api_keys::revoked_at.eq(now))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if revoked.is_some() {
            revocation::record(conn, account, id.0, now).await?;
        }
        Ok(revoked)
    }

    /// Revokes the keys that an actor created and ends the streams that they opened; newest first.
    pub(crate) async fn revoke_created_by(
        conn: &mut Conn,
        account: AccountId,
        creator: Actor,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let mut revoked: Vec<Self> = diesel::update(api_keys::table)
            .filter(api_keys::account_id.eq(account))
            .filter(api_keys::created_by.eq(creator.to_string()))
            .filter(api_keys::revoked_at.is_null())
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
            .set(api_keys::revoked_at.eq(now))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        revoked.sort_by_key(|key| std::cmp::Reverse(key.id));
        let subjects: Vec<Uuid> = revoked.iter().map(|key| key.id.0).collect();
        revocation::record_many(conn, account, &subjects, now).await?;
        Ok(revoked)
    }

    /// Newest first, including revoked and expired keys.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, page: &PageRequest) -> Result<Page<Self>> {
        let query = api_keys::table
            .filter(api_keys::account_id.eq(account))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, api_keys::id, ApiKeyId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(account))
            .count()
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn by_secret(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(secret.account))
            .filter(api_keys::secret_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: ApiKeyId) -> Result<Option<Self>> {
        Ok(api_keys::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// The keys with this name that are not revoked.
    pub(crate) async fn find_by_name(conn: &mut Conn, account: AccountId, name: &str) -> Result<Vec<Self>> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(account).and(api_keys::name.eq(name)))
            .filter(api_keys::revoked_at.is_null())
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Revoked keys are found too.
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ApiKeyId],
    ) -> Result<Vec<Self>> {
        Ok(api_keys::table
            .filter(api_keys::account_id.eq(account))
            .filter(api_keys::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) fn status(&self, now: DateTime<Utc>) -> ApiKeyStatus {
        if self.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            ApiKeyStatus::Expired
        } else {
            ApiKeyStatus::Active
        }
    }

    pub(crate) fn usable(&self, now: DateTime<Utc>) -> bool {
        self.status(now) == ApiKeyStatus::Active
    }

    pub(crate) fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().filter_map(|word| word.parse().ok()).collect()
    }

    /// Written at most once an hour.
    pub(crate) async fn record_use(
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
