//! Documents that passed, with their parsed form: one that comes again costs a look-up.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;

use super::analysis::Analysis;

/// How many documents are kept, and how many bytes their texts may have together.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_999);
const KEPT_BYTES: usize = 1 << 20;

/// A document that passed: it is the same for every client.
pub struct Document {
    pub parsed: ExecutableDocument,
    pub analysis: Analysis,
    pub hash: [u8; 32],
    pub bytes: usize,
}

/// The latest ones, by the SHA-256 of their texts.
pub struct DocumentCache(Mutex<Latest>);

struct Latest {
    documents: LruCache<[u8; 32], Arc<Document>>,
    bytes: usize,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Mutex::new(Latest {
            documents: LruCache::new(KEPT),
            bytes: 0,
        }))
    }
}

impl DocumentCache {
    pub fn get(&self, hash: &[u8; 32]) -> Option<Arc<Document>> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.documents.get(hash).map(Arc::clone)
    }

    pub fn keep(&self, hash: [u8; 32], document: &Arc<Document>) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.bytes += document.bytes;
        if let Some((_, out)) = latest.documents.push(hash, Arc::clone(document)) {
            latest.bytes -= out.bytes;
        }
        while latest.bytes > KEPT_BYTES {
            let Some((_, out)) = latest.documents.pop_lru() else {
                break;
            };
            latest.bytes -= out.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::super::schema_index::SchemaIndex;
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let kept = DocumentCache::default();
        for number in 0..3_000_u32 {
            let parsed = parse_query("{ id }").expect("GraphQL");
            let analysis = Analysis::of(&parsed, &SchemaIndex::default()).expect("no circle");
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            let document = Document {
                parsed,
                analysis,
                hash,
                bytes: 1_000,
            };
            kept.keep(hash, &Arc::new(document));
        }
        let latest = kept.0.lock().expect("no panic");
        assert!(latest.bytes <= KEPT_BYTES && latest.documents.len() > 1_000);
        let bytes: usize = latest.documents.iter().map(|(_, document)| document.bytes).sum();
        assert_eq!(bytes, latest.bytes);
    }
}
