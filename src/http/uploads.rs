//! How many uploads may be in flight, and how many bytes they may hold on disk: for each account, each source, and in total.
//!
//! In memory, for this instance alone: so is the disk that they fill.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::actor::Client;
use crate::error::{Error, Result};
use crate::http::seats::source;
use crate::ids::AccountId;

/// When it makes sense to try again.
const RETRY_AFTER: u64 = 30;

#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    pub per_account: usize,
    pub per_source: usize,
    pub total: usize,
    /// Bytes of all uploads in flight together.
    pub total_bytes: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            per_account: 2,
            per_source: 2,
            total: 8,
            total_bytes: 256 << 20,
        }
    }
}

/// The uploads in flight. All clones share them.
#[derive(Clone, Debug, Default)]
pub struct Uploads(Arc<Mutex<InFlight>>);

#[derive(Debug, Default)]
struct InFlight {
    by_account: HashMap<AccountId, usize>,
    by_source: HashMap<IpAddr, usize>,
    count: usize,
    bytes: u64,
}

/// One upload in flight, until it is dropped: after its mutation, or wherever it ends before.
#[derive(Debug)]
pub(crate) struct UploadPermit {
    uploads: Uploads,
    account: AccountId,
    source: Option<IpAddr>,
    limits: UploadLimits,
    bytes: u64,
}

impl Uploads {
    /// A loopback address is not limited as a source: it may be that of many programs of this machine.
    pub(crate) fn begin(
        &self,
        account: AccountId,
        client: &Client,
        limits: UploadLimits,
    ) -> Result<UploadPermit> {
        let source = source(client).filter(|source| !source.is_loopback());
        let mut now = self.lock();
        let of_account = now.by_account.get(&account).copied().unwrap_or_default();
        let of_source = source.and_then(|source| now.by_source.get(&source).copied());
        if of_account >= limits.per_account {
            return Err(refused("Too many files are being uploaded to your account."));
        }
        if of_source.unwrap_or_default() >= limits.per_source {
            return Err(refused("Too many files are being uploaded from your address."));
        }
        if now.count >= limits.total {
            return Err(refused("Too many files are being uploaded to this server."));
        }
        *now.by_account.entry(account).or_default() += 1;
        if let Some(source) = source {
            *now.by_source.entry(source).or_default() += 1;
        }
        now.count += 1;
        Ok(UploadPermit {
            uploads: self.clone(),
            account,
            source,
            limits,
            bytes: 0,
        })
    }

    fn lock(&self) -> MutexGuard<'_, InFlight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().count
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.lock().bytes
    }
}

impl UploadPermit {
    /// Counts bytes before they are written.
    pub fn grow(&mut self, bytes: u64) -> Result<()> {
        let mut now = self.uploads.lock();
        if now.bytes + bytes > self.limits.total_bytes {
            return Err(refused(
                "The files being uploaded to this server are too large together.",
            ));
        }
        now.bytes += bytes;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        let mut now = self.uploads.lock();
        now.count -= 1;
        now.bytes -= self.bytes;
        release(&mut now.by_account, &self.account);
        if let Some(source) = &self.source {
            release(&mut now.by_source, source);
        }
    }
}

fn release<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => {
            counts.remove(key);
        }
    }
}

fn refused(message: &str) -> Error {
    Error::rate_limited(message, RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn client(ip: &str) -> Client {
        Client {
            ip: Some(ip.to_owned()),
            ..Client::default()
        }
    }

    fn account() -> AccountId {
        AccountId::new(&Clock::System.moment())
    }

    #[test]
    fn an_account_a_source_and_the_server_have_so_many_uploads_and_no_more() {
        let (uploads, limits) = (Uploads::default(), UploadLimits::default());
        let (one, two) = (account(), account());
        let begin = |account, ip| uploads.begin(account, &client(ip), limits);
        let held = [begin(one, "192.0.2.1"), begin(one, "192.0.2.2")];
        let refused = begin(one, "192.0.2.3").expect_err("the account has two");
        assert_eq!(refused.retry_after, Some(RETRY_AFTER));
        let _also = begin(two, "192.0.2.1").expect("the second of this source");
        assert!(begin(account(), "192.0.2.1").is_err(), "the source has two");
        let many: Vec<_> = (0..5)
            .map(|_| begin(account(), "127.0.0.1").expect("loopback"))
            .collect();
        assert!(begin(account(), "127.0.0.1").is_err(), "the server has eight");
        drop((held, many));
        assert_eq!(uploads.count(), 1);
        assert!(begin(one, "192.0.2.2").is_ok());
    }

    #[test]
    fn the_bytes_of_all_uploads_are_limited_together_and_given_back() {
        let limits = UploadLimits {
            total_bytes: 10,
            ..UploadLimits::default()
        };
        let uploads = Uploads::default();
        let begin = || {
            uploads
                .begin(account(), &client("127.0.0.1"), limits)
                .expect("a permit")
        };
        let (mut one, mut two) = (begin(), begin());
        assert!(one.grow(6).is_ok() && two.grow(4).is_ok());
        assert!(two.grow(1).is_err());
        drop(one);
        assert!(two.grow(6).is_ok());
        drop(two);
        let now = uploads.lock();
        assert!(now.bytes == 0 && now.by_account.is_empty() && now.by_source.is_empty());
    }
}
