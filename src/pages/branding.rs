//! A cache of the accounts' branding, so that error pages have it even if the database is unavailable.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::layout::{Layout, Logo};
use crate::accounts::brand::Colors;
use crate::accounts::model::Account;
use crate::base::actor::Audience;
use crate::base::locale::Locale;

const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The branding of an account's portal or dashboard.
#[derive(Clone, Debug)]
pub(crate) struct Branding {
    name: String,
    home: String,
    colors: Colors,
    logo: Option<Logo>,
    locale: Locale,
}

impl Branding {
    pub(crate) fn layout(&self) -> Layout<'_> {
        Layout::portal(&self.name, &self.home, self.colors, self.locale).with_logo(self.logo.as_ref())
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
            colors: account.colors(),
            logo: Logo::of(account, home.trim_end_matches('/')),
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
