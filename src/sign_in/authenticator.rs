//! Checks credentials: each one that a transport received becomes an [`AuthContext`] or is refused with `UNAUTHENTICATED`.

mod api_keys;
mod key_cache;
pub(crate) mod ongoing;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use lru::LruCache;
use sha2::{Digest, Sha256};

use crate::accounts::model::Account;
use crate::base::clock::Clock;
use crate::base::db::{Db, deadline};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId, SessionId};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::contacts::model::Contact;
use crate::live::Live;
use crate::sign_in::access_token::{Tokens, VerifiedToken};
use crate::sign_in::auth_context::{AuthContext, Credential, Viewer};
use crate::sign_in::authenticator::key_cache::KeyCache;
use crate::sign_in::sessions::model::refresh;
use crate::sign_in::sessions::model::{SCANNER_WINDOW, Session};
use crate::team::model::TeamMember;

/// Capacity of the cache of sessions whose use was recorded today.
const RECORDED_USES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// Capacity of the cache of tokens whose signature was verified.
const VERIFIED_TOKENS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

#[derive(Clone)]
pub struct Authenticator {
    db: Db,
    clock: Clock,
    live: Live,
    tokens: Arc<Tokens>,
    recorded_uses: Arc<Mutex<LruCache<(SessionId, i32), NaiveDate>>>,
    /// Tokens whose signature was verified, by their SHA-256.
    verified_tokens: Arc<Mutex<LruCache<[u8; 32], Arc<VerifiedToken>>>>,
    keys: Arc<KeyCache>,
}

/// A use of a session, to be recorded after the response.
struct SessionUse {
    account: AccountId,
    session: SessionId,
    contact: Option<ContactId>,
    /// The generation of the token's pair; `None` for a cookie.
    generation: Option<i32>,
    /// So soon after the session began that it may not count.
    early: bool,
}

impl Authenticator {
    pub(crate) fn new(db: Db, clock: Clock, live: Live, tokens: Arc<Tokens>) -> Self {
        Self {
            db,
            clock,
            live,
            tokens,
            recorded_uses: Arc::new(Mutex::new(LruCache::new(RECORDED_USES))),
            verified_tokens: Arc::new(Mutex::new(LruCache::new(VERIFIED_TOKENS))),
            keys: Arc::default(),
        }
    }

    pub(crate) async fn authenticate(&self, credential: &Credential) -> Result<AuthContext> {
        match credential {
            Credential::None => Ok(AuthContext::anonymous()),
            Credential::Bearer(token) if token.starts_with(SecretKind::ApiKey.prefix()) => {
                self.by_key(token).await
            }
            Credential::Bearer(token) => self.by_token(token).await,
            Credential::DashboardCookie { account, secret } => {
                Box::pin(self.by_cookie(account, secret)).await
            }
        }
    }

    /// Resolves when the authentication no longer holds.
    pub(crate) async fn until_ended(&self, auth: &AuthContext) {
        let end = async {
            match auth.ends_at {
                Some(end) => {
                    // A manual clock may jump, so check it every 5 s.
                    while self.clock.now() < end {
                        let left = (end - self.clock.now()).to_std().unwrap_or_default();
                        tokio::time::sleep(left.min(std::time::Duration::from_secs(5))).await;
                    }
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = end => {}
            () = self.live.until_revoked(&auth.revocable_ids) => {}
        }
    }

    async fn by_token(&self, token: &str) -> Result<AuthContext> {
        let now = self.clock.now();
        let verified = self.verified(token, now)?;
        self.live.ensure_recent_revocations().await?;
        if self.live.revoked(&verified.auth.revocable_ids) {
            return Err(Error::new(
                Code::Unauthenticated,
                "This session has ended. Sign in again.",
            ));
        }
        self.record_token_use(&verified, now);
        Ok(verified.auth.clone())
    }

    /// A token's signature is checked once; its expiry and revocation are checked on every request.
    fn verified(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<VerifiedToken>> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let mut cache = self
            .verified_tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let trusted =
            |verified: &&Arc<VerifiedToken>| verified.valid_at(now) && self.tokens.trusts(&verified.kid, now);
        if let Some(verified) = cache.get(&hash).filter(trusted) {
            return Ok(Arc::clone(verified));
        }
        drop(cache);
        let verified = Arc::new(self.tokens.verify(token, now)?);
        let mut cache = self
            .verified_tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        cache.put(hash, Arc::clone(&verified));
        Ok(verified)
    }

    fn record_token_use(&self, verified: &VerifiedToken, now: DateTime<Utc>) {
        // In the first seconds of a session the request may come from a mail scanner, which does not count as a use.
        let counts = verified.generation > 0 || now - verified.issued_at >= SCANNER_WINDOW;
        let (Some(account), true) = (verified.auth.viewer.account(), counts) else {
            return;
        };
        let contact = match verified.auth.viewer {
            Viewer::Contact { contact, .. } => Some(contact),
            _ => None,
        };
        let generation = Some(verified.generation);
        self.record(
            SessionUse {
                account,
                session: verified.session,
                contact,
                generation,
                early: verified.generation == 0
                    && now - verified.issued_at <= SCANNER_WINDOW + TimeDelta::seconds(1),
            },
            now,
        );
    }

    /// Records a use once a day for each session, after the response.
    fn record(&self, used: SessionUse, now: DateTime<Utc>) {
        // An early use is always written: the database knows to the microsecond when the session began, and decides
        // whether the use counts.
        let cached = (!used.early).then_some((used.session, used.generation.unwrap_or(-1)));
        let today = now.date_naive();
        if let Some(key) = cached
            && self.recorded_uses().put(key, today) == Some(today)
        {
            return;
        }
        let authenticator = self.clone();
        tokio::spawn(async move {
            if let Err(error) = authenticator.write(&used, now).await {
                if let Some(key) = cached {
                    authenticator.recorded_uses().pop(&key);
                }
                tracing::warn!(%error, "the use of a session could not be recorded");
            }
        });
    }

    fn recorded_uses(&self) -> MutexGuard<'_, LruCache<(SessionId, i32), NaiveDate>> {
        self.recorded_uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, used: &SessionUse, now: DateTime<Utc>) -> Result<()> {
        deadline::within(deadline::BACKGROUND, async {
            let mut conn = self.db.conn().await?;
            Session::record_use(&mut conn, used.account, used.session, now).await?;
            if let Some(generation) = used.generation {
                refresh::record_use(&mut conn, used.account, used.session, generation, now).await?;
            }
            if let Some(contact) = used.contact {
                Contact::record_activity(&mut conn, used.account, contact, now).await?;
            }
            Ok(())
        })
        .await
    }

    async fn by_cookie(&self, account: &str, secret: &str) -> Result<AuthContext> {
        let refused = || {
            Error::new(
                Code::Unauthenticated,
                "The dashboard session has ended. Sign in again.",
            )
        };
        let now = self.clock.now();
        let secret = PlainSecret::parse(SecretKind::Cookie, secret).ok_or_else(refused)?;
        let mut conn = self.db.conn().await?;
        let session = Session::by_cookie(&mut conn, &secret, now)
            .await?
            .ok_or_else(refused)?;
        let found = Account::find(&mut conn, session.account_id).await?;
        if found.slug != account && found.id.to_string() != account {
            let former = Account::by_slug(&mut conn, account).await?;
            former
                .filter(|former| former.id == found.id)
                .ok_or_else(refused)?;
        }
        let member = session.team_member_id.ok_or_else(refused)?;
        let member = TeamMember::find(&mut conn, session.account_id, member)
            .await?
            .ok_or_else(refused)?;
        drop(conn);
        self.record_cookie_use(&session, now);
        Ok(AuthContext::of_member(&session, &member))
    }

    /// Records the use of a session by its cookie.
    pub(crate) fn record_cookie_use(&self, session: &Session, now: DateTime<Utc>) {
        if now - session.created_at > SCANNER_WINDOW {
            let contact = session.contact_id;
            self.record(
                SessionUse {
                    account: session.account_id,
                    session: session.id,
                    contact,
                    generation: None,
                    early: false,
                },
                now,
            );
        }
    }
}
