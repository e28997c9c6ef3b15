//! A cache of the accounts' branding, so that error pages have it even if the database is unavailable.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::layout::Layout;
use crate::accounts::brand::Accent;
use crate::accounts::model::Account;
use crate::base::actor::Audience;
use crate::base::locale::Locale;

const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The branding of an account's portal or dashboard.
#[derive(Clone, Debug)]
pub(crate) struct Branding {
    name: String,
    home: String,
    accent: Accent,
    locale: Locale,
}

impl Branding {
    pub(crate) fn layout(&self) -> Layout<'_> {
        Layout::portal(&self.name, &self.home, self.accent, self.locale)
    }
}

type Key = (Audience, String);

/// The branding of the accounts that were visited last. Clones share the cache.
#[derive(Clone)]
pub(crate) struct BrandingCache(Arc<Mutex<LruCache<Key, Branding>>>);

impl Default for BrandingCache {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(CAPACITY))))
    }
}

impl BrandingCache {
    /// `home` is the path that the name in the header links to.
    pub(crate) fn insert(&self, audience: Audience, account: &Account, home: &str) -> Branding {
        let branding = Branding {
            name: account.name.clone(),
            home: home.to_owned(),
            accent: account.accent(),
            locale: account.locale(None),
        };
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put((audience, account.slug.clone()), branding.clone());
        branding
    }

    pub(crate) fn get(&self, audience: Audience, slug: &str) -> Option<Branding> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(&(audience, slug.to_owned())).cloned()
    }
}
