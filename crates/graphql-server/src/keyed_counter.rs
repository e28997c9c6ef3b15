//! Counts what each key holds at a time: sockets of a source, uploads of a tenant.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much each key holds now. All clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct KeyedCounter<K>(Arc<Mutex<HashMap<K, usize>>>);

/// One of what its key holds, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held<K: Eq + Hash> {
    counter: KeyedCounter<K>,
    key: K,
}

impl<K> Default for KeyedCounter<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> KeyedCounter<K> {
    /// One more for this key, unless it holds `limit` already.
    pub fn take(&self, key: K, limit: usize) -> Option<Held<K>> {
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
        Some(Held {
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

impl<K: Eq + Hash> Drop for Held<K> {
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
    fn a_key_holds_so_many_and_what_is_dropped_is_free_again() {
        let counter = KeyedCounter::default();
        let held = (counter.take("a", 2), counter.take("a", 2));
        assert!(counter.take("a", 2).is_none());
        let other = counter.take("b", 2).expect("another key");
        drop(held.1);
        let again = counter.take("a", 2).expect("one is free again");
        assert_eq!(counter.total(), 3);
        drop((held.0, again, other));
        assert!(counter.counts().is_empty(), "nothing is remembered");
    }

    #[test]
    fn a_limit_of_none_leaves_nothing_behind() {
        let counter = KeyedCounter::default();
        assert!(counter.take("a", 0).is_none());
        assert!(counter.counts().is_empty());
    }
}
