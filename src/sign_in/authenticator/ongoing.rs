//! An authentication on which a long response depends, checked again before each part.

use chrono::{DateTime, TimeDelta, Utc};

use super::Authenticator;
use crate::base::error::{Error, Result};
use crate::sign_in::auth_context::AuthContext;

/// Revocations stay in memory for eleven minutes, and their rows may be committed a minute late: after a longer pause, a revocation
/// may have been forgotten already.
const MAX_PAUSE: TimeDelta = TimeDelta::minutes(10);

pub(crate) struct OngoingAuth {
    authenticator: Authenticator,
    auth: AuthContext,
    checked_at: DateTime<Utc>,
}

impl Authenticator {
    pub(crate) fn ongoing(&self, auth: AuthContext) -> OngoingAuth {
        OngoingAuth {
            authenticator: self.clone(),
            auth,
            checked_at: self.clock.now(),
        }
    }
}

impl OngoingAuth {
    /// Fails once the authentication no longer holds. Reads no database while this instance knows the recent revocations.
    pub(crate) async fn check(&mut self) -> Result<()> {
        let live = &self.authenticator.live;
        live.ensure_recent_revocations().await?;
        let now = self.authenticator.clock.now();
        let expired = self.auth.ends_at.is_some_and(|end| now >= end);
        if expired || now - self.checked_at > MAX_PAUSE || live.revoked(&self.auth.revocable_ids) {
            return Err(Error::unauthenticated());
        }
        self.checked_at = now;
        Ok(())
    }
}
