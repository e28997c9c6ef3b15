//! Passwords: argon2id on blocking threads, a bounded number at once, so that a flood of logins can't starve queries.
//!
//! 19 MiB, 2 passes, 1 lane (OWASP Password Storage). For an unknown person a decoy is compared, in the same time. What may be
//! a password says `policy.rs`.

pub(crate) mod policy;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::{PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;

use crate::base::clock::Moment;
use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::sign_in::refusal::Reason;

/// Characters of the longest password that is read.
pub(crate) const LONGEST: usize = 1024;

/// How long a caller waits for a seat.
const PATIENCE: Duration = Duration::from_secs(2);
/// Seats for each that is being compared.
const SEATS: usize = 8;
/// Places to wait for a seat, for each that is being compared: about as many as get one in time.
const PLACES: usize = 64;

/// A password as it was typed: NFC, so that the same letters are the same bytes on every keyboard
/// and nothing else is changed: NFKC would make different ones the same (RFC 8265, 4.2.2; NIST SP 800-63B-4, 3.1.1.2 asks for
/// a normal form).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// `field` is what the error names.
    pub fn read(field: &str, text: &str) -> Result<Self> {
        if text.chars().take(LONGEST + 1).count() > LONGEST {
            let words = format!("A password can have at most {LONGEST} characters.");
            return Err(Error::bad_input(field, words));
        }
        Ok(Self(text.nfc().collect()))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How much work a hash is.
#[derive(Clone, Copy, Debug)]
pub struct Strength {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Strength {
    pub(crate) const USUAL: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };
}

/// The one place that hashes.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    decoy: Arc<str>,
    seats: Arc<Semaphore>,
    places: Arc<Semaphore>,
    work: Arc<Semaphore>,
    patience: Duration,
}

/// A place among those that may have a password compared: taken before the try is counted, so that no caller loses one by
/// waiting in vain.
pub struct Seat {
    _held: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    passwords: Passwords,
}

impl Passwords {
    /// `at_once`: how many are hashed at the same time.
    pub fn new(strength: Strength, at_once: usize, moment: &Moment) -> Result<Self> {
        let at_once = at_once.max(1);
        let params = Params::new(strength.memory_kib, strength.passes, strength.lanes, None)
            .map_err(Error::internal)?;
        let decoy = hash(&params, &moment.random::<32>(), &moment.random())?;
        Ok(Self {
            params,
            decoy: decoy.into(),
            seats: Arc::new(Semaphore::new(at_once * SEATS)),
            places: Arc::new(Semaphore::new(at_once * (SEATS + PLACES))),
            work: Arc::new(Semaphore::new(at_once)),
            patience: PATIENCE,
        })
    }

    /// `RATE_LIMITED` where too many wait already, or none becomes free in time.
    pub async fn seat(&self) -> Result<Seat> {
        let full = || {
            let words = "Too many people are signing in right now. Try again shortly.";
            Error::rate_limited(words, 2)
        };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| full())?;
        let free = timeout(self.patience, Arc::clone(&self.seats).acquire_owned());
        let seat = deadline::paused(free).await;
        let permit = seat.map_err(|_| full())?.map_err(Error::internal)?;
        Ok(Seat {
            _held: (place, permit),
            passwords: self.clone(),
        })
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Params) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let params = self.params.clone();
        deadline::paused(async {
            let permit = Arc::clone(&self.work)
                .acquire_owned()
                .await
                .map_err(Error::internal)?;
            // The permit goes along: a caller that stops waiting does not make room for more work.
            spawn_blocking(move || {
                let done = work(&params);
                drop(permit);
                done
            })
            .await
            .map_err(Error::internal)?
        })
        .await
    }
}

impl Seat {
    /// Whether the password is the one that was hashed; no hash: the decoy's, and `false`.
    pub(crate) async fn verify(&self, kept: Option<&str>, password: &Password) -> Result<bool> {
        let real = kept.is_some();
        let kept: Arc<str> = kept.map_or_else(|| Arc::clone(&self.passwords.decoy), Arc::from);
        let password = password.clone();
        let right = self.passwords.work(move |_| {
            Ok(Argon2::default()
                .verify_password(password.bytes(), &*kept)
                .is_ok())
        });
        Ok(right.await? && real)
    }

    /// Why it can't be a password here: the look at a long one takes as long as a hash.
    pub(crate) async fn refusal(
        &self,
        password: &Password,
        shortest: i16,
        names: policy::Names,
    ) -> Result<Option<Reason>> {
        let password = password.clone();
        self.passwords
            .work(move |_| Ok(policy::refusal(&password, shortest, &names)))
            .await
    }

    pub async fn hash(&self, password: &Password, moment: &Moment) -> Result<String> {
        let (password, salt) = (password.clone(), moment.random::<16>());
        self.passwords
            .work(move |params| hash(params, password.bytes(), &salt))
            .await
    }

    /// A right password whose hash was made with less work than now is hashed again.
    pub(crate) fn outdated(&self, kept: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(kept) else {
            return true;
        };
        let params = &self.passwords.params;
        parsed.algorithm != Algorithm::Argon2id.ident()
            || Params::try_from(&parsed).map_or(true, |made| {
                made.m_cost() < params.m_cost()
                    || made.t_cost() < params.t_cost()
                    || made.p_cost() < params.p_cost()
            })
    }
}

fn hash(params: &Params, password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let _checked = Salt::new(salt).map_err(Error::internal)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash: PasswordHash = argon2
        .hash_password_with_salt(password, salt)
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests;
