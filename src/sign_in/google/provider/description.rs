//! The provider's discovery document and keys: cached for a while, and fetched by one request at a time. Requests that waited
//! for it share its outcome, so that none waits twice for a provider that hangs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;

use super::fetch;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};

/// How long it is believed at most, where the provider answers; less, where it says so.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long, where it does not.
const STALE: TimeDelta = TimeDelta::hours(24);
/// An unknown key asks for new ones this often at most, and so does whoever has stale ones.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct Description {
    issuer: IssuerUrl,
    http: reqwest::Client,
    clock: Clock,
    shelf: Mutex<Shelf>,
    turn: tokio::sync::Mutex<()>,
}

/// The provider's description and keys, as they were read.
#[derive(Clone)]
pub(crate) struct Known {
    pub metadata: Box<CoreProviderMetadata>,
    read_at: DateTime<Utc>,
    fresh_until: DateTime<Utc>,
    /// Which asking they came from.
    asking: u64,
}

#[derive(Default)]
struct Shelf {
    known: Option<Known>,
    /// How often it was asked for, when last, and whether in vain.
    askings: u64,
    asked_at: Option<DateTime<Utc>>,
    failed: bool,
}

/// What is wanted: any that is fresh, or one that was read after that asking.
type Newer = Option<u64>;

impl Shelf {
    /// What counts without asking.
    fn good(&self, newer: Newer, now: DateTime<Utc>) -> Option<Result<Known>> {
        let known = self.known.as_ref();
        let lately = self.asked_at.is_some_and(|at| now - at < LOOK_AGAIN);
        match newer {
            None => known
                .filter(|known| now < known.fresh_until)
                .or_else(|| self.stale(now).filter(|_| lately && self.failed))
                .map(|known| Ok(known.clone())),
            Some(_) if lately && self.failed => Some(Err(silent())),
            Some(seen) => known
                .filter(|known| known.asking > seen || lately)
                .map(|known| Ok(known.clone())),
        }
    }

    fn stale(&self, now: DateTime<Utc>) -> Option<&Known> {
        self.known.as_ref().filter(|known| now - known.read_at < STALE)
    }

    /// After an asking in vain.
    fn remaining(&self, newer: Newer, now: DateTime<Utc>) -> Result<Known> {
        let stale = self.stale(now).filter(|_| newer.is_none());
        stale.cloned().ok_or_else(silent)
    }
}

fn silent() -> Error {
    Error::unavailable("the identity provider's discovery document can't be read")
}

impl Description {
    pub(crate) fn of(issuer: &str, http: reqwest::Client, clock: Clock) -> Result<Self> {
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(Error::internal)?,
            http,
            clock,
            shelf: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn known(&self) -> Result<Known> {
        self.get(None).await
    }

    /// For a key that is not among those.
    pub(crate) async fn newer_than(&self, seen: &Known) -> Result<Known> {
        self.get(Some(seen.asking)).await
    }

    async fn get(&self, newer: Newer) -> Result<Known> {
        let askings = {
            let shelf = self.shelf();
            match shelf.good(newer, self.clock.now()) {
                Some(good) => return good,
                None => shelf.askings,
            }
        };
        let _turn = self.turn.lock().await;
        let now = self.clock.now();
        {
            let shelf = self.shelf();
            match shelf.good(newer, now) {
                Some(good) => return good,
                None if shelf.askings > askings && shelf.failed => return shelf.remaining(newer, now),
                None => {}
            }
        }
        let asked = self.ask().await;
        self.settle(asked, newer, now)
    }

    async fn ask(&self) -> Result<(CoreProviderMetadata, TimeDelta)> {
        let fresh = Arc::new(AtomicI64::new(FRESH.num_seconds()));
        let http = |request| {
            let (client, fresh) = (self.http.clone(), Arc::clone(&fresh));
            async move {
                let answer = fetch::fetch(client, request).await?;
                if let Some(seconds) = fetch::max_age(&answer) {
                    fresh.fetch_min(seconds.max(LOOK_AGAIN.num_seconds()), Ordering::Relaxed);
                }
                Ok::<_, fetch::FetchError>(answer)
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

    fn settle(
        &self,
        asked: Result<(CoreProviderMetadata, TimeDelta)>,
        newer: Newer,
        now: DateTime<Utc>,
    ) -> Result<Known> {
        let mut shelf = self.shelf();
        shelf.askings += 1;
        shelf.asked_at = Some(now);
        shelf.failed = asked.is_err();
        match asked {
            Ok((metadata, fresh)) => {
                let known = Known {
                    metadata: Box::new(metadata),
                    read_at: now,
                    fresh_until: now + fresh,
                    asking: shelf.askings,
                };
                Ok(shelf.known.insert(known).clone())
            }
            Err(error) => shelf.remaining(newer, now).map_err(|_| error).inspect(|_| {
                tracing::warn!(
                    "the identity provider's discovery document can't be read: its cached keys are used"
                );
            }),
        }
    }
}
