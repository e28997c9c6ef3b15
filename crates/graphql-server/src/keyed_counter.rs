//! Counts resources in use by key: sockets of a source, uploads of a tenant.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The resources in use of each key. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct KeyedCounter<K>(Arc<Mutex<HashMap<K, usize>>>);

/// Counts one resource of its key until it is dropped.
#[derive(Debug)]
pub(crate) struct CountGuard<K: Eq + Hash> {
    counter: KeyedCounter<K>,
    key: K,
}

impl<K> Default for KeyedCounter<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> KeyedCounter<K> {
    /// Counts one more for this key, unless it has `limit` already.
    pub fn acquire(&self, key: K, limit: usize) -> Option<CountGuard<K>> {
        let mut counts = self.counts();
        let count = counts.entry(key.clone()).or_default();
        if *count >= limit {
            if *count == 0 {
                counts.remove(&key);
            }
            return None;
        }
        *count += 1;
        drop(counts);
        Some(CountGuard {
            counter: self.clone(),
            key,
        })
    }
}

impl<K> KeyedCounter<K> {
    fn counts(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub fn total(&self) -> usize {
        self.counts().values().sum()
    }
}

impl<K: Eq + Hash> Drop for CountGuard<K> {
    fn drop(&mut self) {
        let mut counts = self.counter.counts();
        match counts.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_limited_and_dropped_guards_are_released() {
        let counter = KeyedCounter::default();
        let held = (counter.acquire("a", 2), counter.acquire("a", 2));
        assert!(counter.acquire("a", 2).is_none());
        let other = counter.acquire("b", 2).expect("another key");
        drop(held.1);
        let again = counter.acquire("a", 2).expect("one is free again");
        assert_eq!(counter.total(), 3);
        drop((held.0, again, other));
        assert!(counter.counts().is_empty(), "unused keys are removed");
    }

    #[test]
    fn a_limit_of_zero_leaves_no_entry() {
        let counter = KeyedCounter::default();
        assert!(counter.acquire("a", 0).is_none());
        assert!(counter.counts().is_empty());
    }
}
