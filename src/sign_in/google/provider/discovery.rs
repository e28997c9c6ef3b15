//! The provider's discovery document and keys: cached, and fetched by one request at a time. Requests that waited for a fetch
//! share its outcome, so that no request waits twice for a provider that hangs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;

use super::fetch;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};

/// How long a document is fresh; less if the provider's `max-age` says so.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long a document is used while the provider can't be reached.
const STALE: TimeDelta = TimeDelta::hours(24);
/// How often unknown keys and stale documents cause a fetch at most.
const MIN_FETCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct Discovery {
    issuer: IssuerUrl,
    http: reqwest::Client,
    clock: Clock,
    cache: Mutex<Cache>,
    fetching: tokio::sync::Mutex<()>,
}

/// The provider's discovery document and keys, as they were fetched.
#[derive(Clone)]
pub(crate) struct CachedMetadata {
    pub document: Box<CoreProviderMetadata>,
    fetched_at: DateTime<Utc>,
    fresh_until: DateTime<Utc>,
    /// The number of the fetch.
    fetch: u64,
}

#[derive(Default)]
struct Cache {
    metadata: Option<CachedMetadata>,
    fetch_count: u64,
    last_fetch_at: Option<DateTime<Utc>>,
    last_fetch_failed: bool,
}

/// What a caller needs.
#[derive(Clone, Copy)]
enum Needed {
    Fresh,
    /// A document fetched after this one, because it lacks a key.
    NewerThan(u64),
}

impl Cache {
    /// What can be used without a fetch.
    fn usable(&self, needed: Needed, now: DateTime<Utc>) -> Option<Result<CachedMetadata>> {
        let cached = self.metadata.as_ref();
        let fetched_recently = self.last_fetch_at.is_some_and(|at| now - at < MIN_FETCH_INTERVAL);
        match needed {
            Needed::Fresh => cached
                .filter(|cached| now < cached.fresh_until)
                .or_else(|| {
                    self.stale(now)
                        .filter(|_| fetched_recently && self.last_fetch_failed)
                })
                .map(|cached| Ok(cached.clone())),
            Needed::NewerThan(_) if fetched_recently && self.last_fetch_failed => Some(Err(unavailable())),
            Needed::NewerThan(seen) => cached
                .filter(|cached| cached.fetch > seen || fetched_recently)
                .map(|cached| Ok(cached.clone())),
        }
    }

    fn stale(&self, now: DateTime<Utc>) -> Option<&CachedMetadata> {
        self.metadata
            .as_ref()
            .filter(|cached| now - cached.fetched_at < STALE)
    }

    /// What can be used after a failed fetch.
    fn after_failure(&self, needed: Needed, now: DateTime<Utc>) -> Result<CachedMetadata> {
        let stale = self.stale(now).filter(|_| matches!(needed, Needed::Fresh));
        stale.cloned().ok_or_else(unavailable)
    }
}

fn unavailable() -> Error {
    Error::unavailable("the identity provider's discovery document can't be read")
}

impl Discovery {
    pub(crate) fn new(issuer: &str, http: reqwest::Client, clock: Clock) -> Result<Self> {
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(Error::internal)?,
            http,
            clock,
            cache: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        })
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn metadata(&self) -> Result<CachedMetadata> {
        self.get(Needed::Fresh).await
    }

    /// For a key that is not among the keys of `seen`.
    pub(crate) async fn newer_than(&self, seen: &CachedMetadata) -> Result<CachedMetadata> {
        self.get(Needed::NewerThan(seen.fetch)).await
    }

    async fn get(&self, needed: Needed) -> Result<CachedMetadata> {
        let fetches_before = {
            let cache = self.cache();
            match cache.usable(needed, self.clock.now()) {
                Some(usable) => return usable,
                None => cache.fetch_count,
            }
        };
        let _fetching = self.fetching.lock().await;
        let now = self.clock.now();
        {
            let cache = self.cache();
            match cache.usable(needed, now) {
                Some(usable) => return usable,
                None if cache.fetch_count > fetches_before && cache.last_fetch_failed => {
                    return cache.after_failure(needed, now);
                }
                None => {}
            }
        }
        let fetched = self.fetch().await;
        self.store(fetched, needed, now)
    }

    /// The document, and how long it is fresh.
    async fn fetch(&self) -> Result<(CoreProviderMetadata, TimeDelta)> {
        let fresh = Arc::new(AtomicI64::new(FRESH.num_seconds()));
        let http = |request| {
            let (client, fresh) = (self.http.clone(), Arc::clone(&fresh));
            async move {
                let response = fetch::fetch(client, request).await?;
                if let Some(seconds) = fetch::max_age(&response) {
                    fresh.fetch_min(seconds.max(MIN_FETCH_INTERVAL.num_seconds()), Ordering::Relaxed);
                }
                Ok::<_, fetch::FetchError>(response)
            }
        };
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &http)
            .await
            .map_err(|error| {
                Error::unavailable(format!(
                    "the identity provider's discovery document can't be read: {error}"
                ))
            })?;
        Ok((metadata, TimeDelta::seconds(fresh.load(Ordering::Relaxed))))
    }

    fn store(
        &self,
        fetched: Result<(CoreProviderMetadata, TimeDelta)>,
        needed: Needed,
        now: DateTime<Utc>,
    ) -> Result<CachedMetadata> {
        let mut cache = self.cache();
        cache.fetch_count += 1;
        cache.last_fetch_at = Some(now);
        cache.last_fetch_failed = fetched.is_err();
        match fetched {
            Ok((document, fresh)) => {
                let cached = CachedMetadata {
                    document: Box::new(document),
                    fetched_at: now,
                    fresh_until: now + fresh,
                    fetch: cache.fetch_count,
                };
                Ok(cache.metadata.insert(cached).clone())
            }
            Err(error) => cache.after_failure(needed, now).map_err(|_| error).inspect(|_| {
                tracing::warn!(
                    "the identity provider's discovery document can't be read: its cached keys are used"
                );
            }),
        }
    }
}
