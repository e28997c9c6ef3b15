//! How an account's pages look, kept so that a page that fails, with the database out of reach too, looks like the others.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::layout::Layout;
use crate::accounts::brand::Accent;
use crate::accounts::model::Account;
use crate::base::actor::Audience;

const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The portal or the dashboard of an account.
#[derive(Clone, Debug)]
pub(crate) struct Branding {
    name: String,
    home: String,
    accent: Accent,
}

impl Branding {
    pub(crate) fn layout(&self) -> Layout<'_> {
        Layout::portal(&self.name, &self.home, self.accent)
    }
}

type Key = (Audience, String);

/// The branding of the accounts visited last. All clones share it.
#[derive(Clone)]
pub(crate) struct BrandingCache(Arc<Mutex<LruCache<Key, Branding>>>);

impl Default for BrandingCache {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(KEPT))))
    }
}

impl BrandingCache {
    /// `home` is the path that the name in the header leads to.
    pub(crate) fn keep(&self, audience: Audience, account: &Account, home: &str) -> Branding {
        let branding = Branding {
            name: account.name.clone(),
            home: home.to_owned(),
            accent: account.accent(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put((audience, account.slug.clone()), branding.clone());
        branding
    }

    pub(crate) fn get(&self, audience: Audience, slug: &str) -> Option<Branding> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(audience, slug.to_owned())).cloned()
    }
}
