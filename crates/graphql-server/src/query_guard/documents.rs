//! A cache of documents that passed the guard, in parsed form: a repeated document costs a lookup.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;

use super::analysis::Analysis;

/// The capacity of the cache: documents, and bytes of their texts together.
const MAX_DOCUMENTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_999);
const MAX_BYTES: usize = 1 << 20;

/// A document that passed the guard. It is the same for every client.
pub struct Document {
    pub parsed: ExecutableDocument,
    pub analysis: Analysis,
    pub hash: [u8; 32],
    pub bytes: usize,
}

/// The most recently used documents, by the SHA-256 of their texts.
pub struct DocumentCache(Mutex<CachedDocuments>);

struct CachedDocuments {
    documents: LruCache<[u8; 32], Arc<Document>>,
    bytes: usize,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Mutex::new(CachedDocuments {
            documents: LruCache::new(MAX_DOCUMENTS),
            bytes: 0,
        }))
    }
}

impl DocumentCache {
    pub fn get(&self, hash: &[u8; 32]) -> Option<Arc<Document>> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.documents.get(hash).map(Arc::clone)
    }

    pub fn insert(&self, hash: [u8; 32], document: &Arc<Document>) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.bytes += document.bytes;
        if let Some((_, evicted)) = cached.documents.push(hash, Arc::clone(document)) {
            cached.bytes -= evicted.bytes;
        }
        while cached.bytes > MAX_BYTES {
            let Some((_, evicted)) = cached.documents.pop_lru() else {
                break;
            };
            cached.bytes -= evicted.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::super::schema_index::SchemaIndex;
    use super::*;

    #[test]
    fn the_cache_is_bounded() {
        let cache = DocumentCache::default();
        for number in 0..3_000_u32 {
            let parsed = parse_query("{ id }").expect("GraphQL");
            let analysis = Analysis::new(&parsed, &SchemaIndex::default()).expect("no cycle");
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            let document = Document {
                parsed,
                analysis,
                hash,
                bytes: 1_000,
            };
            cache.insert(hash, &Arc::new(document));
        }
        let cached = cache.0.lock().expect("no panic");
        assert!(cached.bytes <= MAX_BYTES && cached.documents.len() > 1_000);
        let bytes: usize = cached.documents.iter().map(|(_, document)| document.bytes).sum();
        assert_eq!(bytes, cached.bytes);
    }
}
