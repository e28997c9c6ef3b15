//! API keys that were read from the database a moment ago.
//!
//! An entry is used only while recent revocations are known, and only for a minute from before it was read: a revocation that
//! the read missed was committed after it, and is kept in memory for ten times as long.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use lru::LruCache;

use crate::base::secrets::SecretHash;
use crate::sign_in::auth_context::AuthContext;

const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);
/// Also how long a key that was changed by hand in the database keeps its old scopes.
const MAX_AGE: TimeDelta = TimeDelta::minutes(1);

struct Entry {
    auth: Arc<AuthContext>,
    read_at: DateTime<Utc>,
}

impl Entry {
    fn usable(&self, now: DateTime<Utc>) -> bool {
        // The clock may have been set back.
        (TimeDelta::zero()..MAX_AGE).contains(&(now - self.read_at))
            && self.auth.ends_at.is_none_or(|end| now < end)
    }
}

/// The most recently used keys, by the hash of their secret.
pub(super) struct KeyCache(Mutex<LruCache<SecretHash, Entry>>);

impl Default for KeyCache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }
}

impl KeyCache {
    pub(super) fn get(&self, secret: &SecretHash, now: DateTime<Utc>) -> Option<Arc<AuthContext>> {
        let mut entries = self.entries();
        let entry = entries.get(secret).filter(|entry| entry.usable(now))?;
        Some(Arc::clone(&entry.auth))
    }

    /// `read_at` is a time before the key was read.
    pub(super) fn put(&self, secret: SecretHash, auth: Arc<AuthContext>, read_at: DateTime<Utc>) {
        self.entries().put(secret, Entry { auth, read_at });
    }

    fn entries(&self) -> MutexGuard<'_, LruCache<SecretHash, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(ends_at: Option<DateTime<Utc>>) -> (KeyCache, SecretHash) {
        let (cache, secret) = (KeyCache::default(), SecretHash::of(&[b"a secret"]));
        let auth = AuthContext {
            ends_at,
            ..AuthContext::anonymous()
        };
        cache.put(secret, Arc::new(auth), DateTime::UNIX_EPOCH);
        (cache, secret)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn an_entry_is_used_for_a_minute() {
        let (cache, secret) = cached(None);
        assert!(cache.get(&secret, at(0)).is_some() && cache.get(&secret, at(59)).is_some());
        assert!(cache.get(&secret, at(60)).is_none());
        assert!(cache.get(&secret, at(-1)).is_none(), "the clock was set back");
        assert!(cache.get(&SecretHash::of(&[b"another"]), at(0)).is_none());
    }

    #[test]
    fn an_entry_ends_with_its_key() {
        let (cache, secret) = cached(Some(at(30)));
        assert!(cache.get(&secret, at(29)).is_some() && cache.get(&secret, at(30)).is_none());
    }
}
