//! Limits the uploads in flight, for each scope of callers, for each source and in total, and their bytes on disk.
//!
//! The counters are in the memory of this instance, like the disk that they protect.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::keyed_counter::{CountGuard, KeyedCounter};

/// Seconds until a retry makes sense.
const RETRY_AFTER: u64 = 30;

/// Maximum number of uploads in flight.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    pub per_scope: usize,
    pub per_source: usize,
    pub total: usize,
    /// Bytes of all uploads in flight together.
    pub total_bytes: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            per_scope: 2,
            per_source: 2,
            total: 8,
            total_bytes: 256 << 20,
        }
    }
}

/// The uploads in flight. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Uploads<T> {
    by_scope: KeyedCounter<T>,
    by_source: KeyedCounter<IpAddr>,
    all: KeyedCounter<()>,
    bytes: Arc<AtomicU64>,
}

impl<T> Default for Uploads<T> {
    fn default() -> Self {
        Self {
            by_scope: KeyedCounter::default(),
            by_source: KeyedCounter::default(),
            all: KeyedCounter::default(),
            bytes: Arc::default(),
        }
    }
}

/// Counts one upload until it is dropped, at the end of its mutation or earlier.
#[derive(Debug)]
pub(crate) struct UploadPermit<T: Eq + Hash> {
    total_bytes: Arc<AtomicU64>,
    max_bytes: u64,
    bytes: u64,
    _guards: (CountGuard<T>, Option<CountGuard<IpAddr>>, CountGuard<()>),
}

impl<T: Clone + Eq + Hash> Uploads<T> {
    /// A loopback address is not limited as a source: many programs of this machine may share it.
    pub fn begin(&self, scope: T, client: &Client, limits: UploadLimits) -> Result<UploadPermit<T>> {
        let scope_guard = (self.by_scope.acquire(scope, limits.per_scope))
            .ok_or_else(|| refused("Too many files are being uploaded to your account."))?;
        let source = client.network().filter(|source| !source.is_loopback());
        let source_guard = match source {
            Some(source) => Some(
                (self.by_source.acquire(source, limits.per_source))
                    .ok_or_else(|| refused("Too many files are being uploaded from your address."))?,
            ),
            None => None,
        };
        let total_guard = (self.all.acquire((), limits.total))
            .ok_or_else(|| refused("Too many files are being uploaded to this server."))?;
        Ok(UploadPermit {
            total_bytes: Arc::clone(&self.bytes),
            max_bytes: limits.total_bytes,
            bytes: 0,
            _guards: (scope_guard, source_guard, total_guard),
        })
    }

    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.all.total()
    }

    #[cfg(test)]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }
}

impl<T: Eq + Hash> UploadPermit<T> {
    /// Counts bytes before they are written.
    pub fn grow(&mut self, bytes: u64) -> Result<()> {
        let max = self.max_bytes;
        let within = |total: u64| total.checked_add(bytes).filter(|total| *total <= max);
        let grown = self
            .total_bytes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, within);
        grown.map_err(|_| refused("The files being uploaded to this server are too large together."))?;
        self.bytes += bytes;
        Ok(())
    }
}

impl<T: Eq + Hash> Drop for UploadPermit<T> {
    fn drop(&mut self) {
        self.total_bytes.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

fn refused(message: &str) -> Error {
    Error::rate_limited(message, RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(ip: &str) -> Client {
        Client {
            ip: Some(ip.to_owned()),
            ..Client::default()
        }
    }

    #[test]
    fn the_uploads_of_a_scope_a_source_and_the_server_are_limited() {
        let (uploads, limits) = (Uploads::default(), UploadLimits::default());
        let begin = |scope: u32, ip| uploads.begin(scope, &client(ip), limits);
        let guard = [begin(1, "192.0.2.1"), begin(1, "192.0.2.2")];
        let refused = begin(1, "192.0.2.3").expect_err("the scope has two");
        assert_eq!(refused.retry_after, Some(RETRY_AFTER));
        let _also = begin(2, "192.0.2.1").expect("the second of this source");
        assert!(begin(3, "192.0.2.1").is_err(), "the source has two");
        let many: Vec<_> = (4..9)
            .map(|scope| begin(scope, "127.0.0.1").expect("loopback"))
            .collect();
        assert!(begin(9, "127.0.0.1").is_err(), "the server has eight");
        drop((guard, many));
        assert_eq!(uploads.count(), 1);
        assert_eq!(uploads.by_scope.total(), 1, "a refused upload is not counted");
        assert!(begin(1, "192.0.2.2").is_ok());
    }

    #[test]
    fn the_bytes_of_all_uploads_are_limited_and_released() {
        let limits = UploadLimits {
            total_bytes: 10,
            ..UploadLimits::default()
        };
        let uploads = Uploads::default();
        let begin = |scope: u32| {
            let begun = uploads.begin(scope, &client("127.0.0.1"), limits);
            begun.expect("a permit")
        };
        let (mut one, mut two) = (begin(1), begin(2));
        assert!(one.grow(6).is_ok() && two.grow(4).is_ok());
        assert!(two.grow(1).is_err());
        drop(one);
        assert!(two.grow(6).is_ok());
        drop(two);
        assert_eq!((uploads.bytes(), uploads.count()), (0, 0));
        assert_eq!(uploads.by_scope.total(), 0);
    }
}
