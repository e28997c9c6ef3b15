//! The DKIM key of a sending domain: made once, stored sealed, and kept parsed while it is used.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lru::LruCache;
use mailer::{DkimKey, DkimKeyPair};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::base::clock::Moment;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::secrets::ServerKey;
use crate::sending_domains::model::VerifiedDomain;

/// A key takes up to a second of a processor: one at a time, so that many requests don't slow down the others.
static MAKING: Semaphore = Semaphore::const_new(1);
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Parsed keys.
const CACHED: NonZeroUsize = NonZeroUsize::new(256).expect("more than zero");

/// A new key, and the name under which it is published.
pub(crate) struct NewKey {
    pub selector: String,
    pub sealed: Vec<u8>,
    pub public: String,
}

impl NewKey {
    /// Without an open connection to the database: it takes a while.
    pub(crate) async fn make(seal: &ServerKey, moment: Moment) -> Result<Self> {
        let permit = timeout(MAX_WAIT, MAKING.acquire()).await;
        let _permit =
            permit.map_err(|_| Error::rate_limited("The server is making other keys. Try again.", 10))?;
        let seal = seal.clone();
        let made = tokio::task::spawn_blocking(move || Self::make_blocking(&seal, &moment)).await;
        made.map_err(Error::internal)?
    }

    fn make_blocking(seal: &ServerKey, moment: &Moment) -> Result<Self> {
        let pair = DkimKeyPair::generate(|buffer| {
            for part in buffer.chunks_mut(32) {
                part.copy_from_slice(&moment.random::<32>()[..part.len()]);
            }
        });
        let pair = pair.map_err(Error::internal)?;
        let sealed = seal.seal(pair.private_pem.as_bytes(), moment);
        Ok(Self {
            selector: format!("vestibule-{:08x}", u32::from_be_bytes(moment.random())),
            sealed: sealed.ok_or_else(|| Error::internal("a key could not be sealed"))?,
            public: STANDARD.encode(pair.public_der),
        })
    }
}

/// The private key as PEM; none if it was sealed with another `VESTIBULE_SECRET`.
pub(crate) fn open(sealed: &[u8], seal: &ServerKey) -> Option<String> {
    String::from_utf8(seal.open(sealed)?).ok()
}

/// An account and a selector.
type KeyId = (AccountId, String);

/// The parsed keys of recently used domains; none for one that can't be opened.
pub(crate) struct DkimKeys(Mutex<LruCache<KeyId, Option<DkimKey>>>);

impl Default for DkimKeys {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CACHED)))
    }
}

impl DkimKeys {
    /// The key of a domain; none if it can't be opened.
    pub(crate) fn of(&self, domain: &VerifiedDomain, seal: &ServerKey) -> Option<DkimKey> {
        let id = (domain.account_id, domain.selector.clone());
        let cached = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = cached().get(&id) {
            return key.clone();
        }
        let pem = open(&domain.sealed_key, seal);
        let key = pem.and_then(|pem| DkimKey::new(&domain.domain, &domain.selector, &pem).ok());
        if key.is_none() {
            tracing::error!(account = %domain.account_id, "the DKIM key was sealed with another VESTIBULE_SECRET");
        }
        cached().put(id, key.clone());
        key
    }
}

impl fmt::Debug for DkimKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DkimKeys(…)")
    }
}
