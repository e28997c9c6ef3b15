//! Passwords: argon2id on blocking threads, a bounded number at once, so that a flood of sign-ins can't starve queries.
//!
//! 19 MiB, 2 passes, 1 lane (OWASP Password Storage). For an unknown person a decoy hash is compared, in the same time.
//! [`policy`] decides which passwords are allowed.

pub(crate) mod policy;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::{PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;

use crate::base::clock::Moment;
use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::sign_in::refusal::Reason;

/// The maximum length of a password in characters.
pub(crate) const MAX_CHARS: usize = 1024;

/// How long a caller waits for a permit.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// Permits per worker.
const PERMITS_PER_WORKER: usize = 8;
/// Callers that may wait for a permit, per worker: about as many as get one in time.
const QUEUE_PER_WORKER: usize = 64;

/// A password as it was entered, in the normal form NFC: the same letters are the same bytes on every keyboard. NFKC would
/// make different passwords the same (RFC 8265, 4.2.2; NIST SP 800-63B-4, 3.1.1.2 asks for a normal form).
#[derive(Clone, PartialEq, Eq)]
pub struct PlainPassword(String);

impl PlainPassword {
    /// The error names `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if text.chars().take(MAX_CHARS + 1).count() > MAX_CHARS {
            let message = format!("A password can have at most {MAX_CHARS} characters.");
            return Err(Error::bad_input(field, message));
        }
        Ok(Self(text.nfc().collect()))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The cost of a hash.
#[derive(Clone, Copy, Debug)]
pub struct Strength {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Strength {
    pub(crate) const DEFAULT: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };
}

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct PasswordHasher {
    params: Params,
    decoy: Arc<str>,
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    max_wait: Duration,
}

/// The permission to have passwords hashed and compared. It is acquired before an attempt is counted, so that a caller
/// loses no attempt by waiting in vain.
pub struct HashingPermit {
    _permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    hasher: PasswordHasher,
}

impl PasswordHasher {
    /// `workers` is how many passwords are hashed at the same time.
    pub fn new(strength: Strength, workers: usize, moment: &Moment) -> Result<Self> {
        let workers = workers.max(1);
        let params = Params::new(strength.memory_kib, strength.passes, strength.lanes, None)
            .map_err(Error::internal)?;
        let decoy = hash(&params, &moment.random::<32>(), &moment.random())?;
        Ok(Self {
            params,
            decoy: decoy.into(),
            permits: Arc::new(Semaphore::new(workers * PERMITS_PER_WORKER)),
            queue: Arc::new(Semaphore::new(workers * (PERMITS_PER_WORKER + QUEUE_PER_WORKER))),
            workers: Arc::new(Semaphore::new(workers)),
            max_wait: MAX_WAIT,
        })
    }

    /// `RATE_LIMITED` if the queue is full, or if no permit becomes free in time.
    pub async fn permit(&self) -> Result<HashingPermit> {
        let full = || {
            let message = "Too many people are signing in right now. Try again shortly.";
            Error::rate_limited(message, 2)
        };
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| full())?;
        let free = timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned());
        let permit = deadline::paused(free).await;
        let permit = permit.map_err(|_| full())?.map_err(Error::internal)?;
        Ok(HashingPermit {
            _permits: (queued, permit),
            hasher: self.clone(),
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Params) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let params = self.params.clone();
        deadline::paused(async {
            let permit = Arc::clone(&self.workers)
                .acquire_owned()
                .await
                .map_err(Error::internal)?;
            // The blocking task owns the permit: a caller that stops waiting does not make room for more work.
            spawn_blocking(move || {
                let result = work(&params);
                drop(permit);
                result
            })
            .await
            .map_err(Error::internal)?
        })
        .await
    }
}

impl HashingPermit {
    /// Whether the password is the one that was hashed. Without a hash it is compared with the decoy, and the result is
    /// `false`.
    pub(crate) async fn verify(&self, stored: Option<&str>, password: &PlainPassword) -> Result<bool> {
        let real = stored.is_some();
        let hash: Arc<str> = stored.map_or_else(|| Arc::clone(&self.hasher.decoy), Arc::from);
        let password = password.clone();
        let right = self.hasher.run(move |_| {
            Ok(Argon2::default()
                .verify_password(password.bytes(), &*hash)
                .is_ok())
        });
        Ok(right.await? && real)
    }

    /// Why the policy refuses the password. Checking a long one takes as long as a hash.
    pub(crate) async fn refusal(
        &self,
        password: &PlainPassword,
        min_chars: i16,
        names: policy::Names,
    ) -> Result<Option<Reason>> {
        let password = password.clone();
        self.hasher
            .run(move |_| Ok(policy::refusal(&password, min_chars, &names)))
            .await
    }

    pub async fn hash(&self, password: &PlainPassword, moment: &Moment) -> Result<String> {
        let (password, salt) = (password.clone(), moment.random::<16>());
        self.hasher
            .run(move |params| hash(params, password.bytes(), &salt))
            .await
    }

    /// Whether a hash has a lower cost than new ones: a right password is then hashed again.
    pub(crate) fn outdated(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else {
            return true;
        };
        let params = &self.hasher.params;
        parsed.algorithm != Algorithm::Argon2id.ident()
            || Params::try_from(&parsed).map_or(true, |stored| {
                stored.m_cost() < params.m_cost()
                    || stored.t_cost() < params.t_cost()
                    || stored.p_cost() < params.p_cost()
            })
    }
}

fn hash(params: &Params, password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let _well_formed = Salt::new(salt).map_err(Error::internal)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash: PasswordHash = argon2
        .hash_password_with_salt(password, salt)
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests;
