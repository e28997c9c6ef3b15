//! Checking API keys.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Authenticator;
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::auth_context::{AuthContext, Viewer};
use crate::team::model::api_key::ApiKey;

impl Authenticator {
    pub(super) async fn by_key(&self, token: &str) -> Result<AuthContext> {
        let refused = || {
            Error::new(
                Code::Unauthenticated,
                "The API key is unknown, revoked or expired.",
            )
        };
        let now = self.clock.now();
        let secret = PlainSecret::parse(SecretKind::ApiKey, token).ok_or_else(refused)?;
        let auth = match self.keys.get(&secret.hash(), now) {
            Some(auth) => {
                self.live.ensure_recent_revocations().await?;
                auth
            }
            None => Box::pin(self.read_key(&secret, now)).await?.ok_or_else(refused)?,
        };
        if self.live.revoked(&auth.revocable_ids) {
            return Err(refused());
        }
        Ok(AuthContext::clone(&auth))
    }

    /// Reads and caches a key, and records its use; `None` if it can't be used.
    async fn read_key(&self, secret: &PlainSecret, now: DateTime<Utc>) -> Result<Option<Arc<AuthContext>>> {
        let mut conn = self.db.conn().await?;
        let found = ApiKey::by_secret(&mut conn, secret).await?;
        let Some(key) = found.filter(|key| key.usable(now)) else {
            return Ok(None);
        };
        if key
            .last_used_at
            .is_none_or(|used| now - used > TimeDelta::hours(1))
        {
            ApiKey::record_use(&mut conn, key.account_id, key.id, now).await?;
        }
        let viewer = Viewer::Key {
            account: key.account_id,
            key: key.id,
            scopes: key.scopes(),
        };
        let auth = Arc::new(AuthContext {
            viewer,
            ends_at: key.expires_at,
            revocable_ids: vec![key.id.0],
        });
        self.keys.put(secret.hash(), Arc::clone(&auth), now);
        Ok(Some(auth))
    }
}
