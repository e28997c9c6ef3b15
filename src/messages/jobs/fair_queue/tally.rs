//! Counts by key. Keys without a count take no memory.

use std::collections::HashMap;
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct Tally<K> {
    counts: HashMap<K, usize>,
    total: usize,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self {
            counts: HashMap::new(),
            total: 0,
        }
    }
}

impl<K: Clone + Eq + Hash> Tally<K> {
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> usize
    where
        K: std::borrow::Borrow<Q>,
    {
        self.counts.get(key).copied().unwrap_or(0)
    }

    pub fn total(&self) -> usize {
        self.total
    }

    pub fn add(&mut self, key: &K, count: usize) {
        match self.counts.get_mut(key) {
            Some(present) => *present += count,
            None => drop(self.counts.insert(key.clone(), count)),
        }
        self.total += count;
    }

    /// The count must be there.
    pub fn subtract(&mut self, key: &K, count: usize) {
        if let Some(present) = self.counts.get_mut(key) {
            *present -= count;
            self.total -= count;
            if *present == 0 {
                self.counts.remove(key);
            }
        }
    }
}
