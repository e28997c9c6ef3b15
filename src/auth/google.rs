//! Google, or another OpenID provider in its place (OpenID Connect Core 1.0): what it says of itself and its keys, kept for a
//! while; ID tokens, verified; codes of the redirect flow, exchanged with PKCE (RFC 7636).
//!
//! What the provider does wrong is `UNAVAILABLE`, what a caller brings wrong is a refusal.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
};
use tokio::sync::Mutex;
use url::Url;

use crate::address::EmailAddress;
use crate::auth::refusal::Reason;
use crate::clock::Clock;
use crate::error::{Error, Result};

mod fetch;

pub use fetch::{FetchError, choose_cryptography};

/// How long the provider's own description is believed, where it answers.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long, where it does not.
const STALE: TimeDelta = TimeDelta::hours(24);
/// An unknown key asks for new ones this often at most.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// Clocks may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Longer than any ID token.
const TOKEN_BYTES: usize = 16 << 10;

/// What of the settings it takes.
#[derive(Clone)]
pub struct GoogleSettings {
    pub client_id: String,
    pub client_secret: String,
    pub issuer: String,
    /// Of the account's mobile apps, whose ID tokens count too.
    pub extra_client_ids: Vec<String>,
}

impl fmt::Debug for GoogleSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoogleSettings({})", self.issuer)
    }
}

#[derive(Clone)]
pub struct Google(Arc<Inner>);

struct Inner {
    settings: GoogleSettings,
    clock: Clock,
    http: reqwest::Client,
    known: Mutex<Option<Known>>,
}

/// The provider's description and keys, and when they were read.
#[derive(Clone)]
struct Known {
    metadata: Box<CoreProviderMetadata>,
    at: DateTime<Utc>,
}

/// Whom an ID token speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaks {
    pub issuer: String,
    pub subject: String,
    /// The address, where the provider says that it is verified.
    pub verified_email: Option<EmailAddress>,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What a browser carries through the redirect, sealed.
#[derive(Clone)]
pub struct Carried<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.settings.fmt(f)
    }
}

fn odd(words: &'static str) -> impl Fn(&dyn fmt::Display) -> Error {
    move |error| Error::unavailable(format!("{words}: {error}"))
}

impl Google {
    pub fn new(settings: GoogleSettings, clock: Clock) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            settings,
            clock,
            http: fetch::client().map_err(Error::internal)?,
            known: Mutex::default(),
        })))
    }

    /// The provider's description; `newer` than that, where a key was missing. One at a time asks for it.
    async fn known(&self, newer: Option<DateTime<Utc>>) -> Result<Known> {
        let now = self.0.clock.now();
        let mut known = self.0.known.lock().await;
        if let Some(known) = known.as_ref() {
            let good = match newer {
                None => now - known.at < FRESH,
                Some(seen) => known.at > seen || now - known.at < LOOK_AGAIN,
            };
            if good {
                return Ok(known.clone());
            }
        }
        let issuer = IssuerUrl::new(self.0.settings.issuer.clone()).map_err(Error::internal)?;
        let http = |request| fetch::fetch(self.0.http.clone(), request);
        match CoreProviderMetadata::discover_async(issuer, &http).await {
            Ok(metadata) => {
                let metadata = Box::new(metadata);
                Ok(known.insert(Known { metadata, at: now }).clone())
            }
            Err(error) => match known.as_ref() {
                Some(stale) if newer.is_none() && now - stale.at < STALE => {
                    tracing::warn!(%error, "the identity provider does not describe itself: its keys of before are used");
                    Ok(stale.clone())
                }
                _ => Err(odd("the identity provider does not describe itself")(&error)),
            },
        }
    }

    /// Whom the token speaks of, if it is this provider's, for us, now, and made for this nonce. None: whatever its nonce.
    pub async fn verify(&self, token: &str, nonce: Option<&str>) -> Result<Result<Speaks, Reason>> {
        let Some(token) = (token.len() <= TOKEN_BYTES)
            .then(|| token.trim().parse::<CoreIdToken>().ok())
            .flatten()
        else {
            return Ok(Err(Reason::InvalidCredentials));
        };
        let known = self.known(None).await?;
        match self.read(&token, nonce, &known) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let known = self.known(Some(known.at)).await?;
                Ok(self
                    .read(&token, nonce, &known)
                    .map_err(|_| Reason::InvalidCredentials))
            }
            read => Ok(read.map_err(|_| Reason::InvalidCredentials)),
        }
    }

    fn read(
        &self,
        token: &CoreIdToken,
        nonce: Option<&str>,
        known: &Known,
    ) -> std::result::Result<Speaks, ClaimsVerificationError> {
        let settings = &self.0.settings;
        let ids = std::iter::once(&settings.client_id).chain(&settings.extra_client_ids);
        let mut last = ClaimsVerificationError::InvalidAudience("no client".to_owned());
        for id in ids {
            match self.read_for(token, nonce, (known, id)) {
                Ok(speaks) => return Ok(speaks),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn read_for(
        &self,
        token: &CoreIdToken,
        nonce: Option<&str>,
        (known, client_id): (&Known, &str),
    ) -> std::result::Result<Speaks, ClaimsVerificationError> {
        let now = self.0.clock.now();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(client_id.to_owned()),
            known.metadata.issuer().clone(),
            known.metadata.jwks().clone(),
        )
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ])
        .set_time_fn(move || now - LEEWAY)
        .set_issue_time_verifier_fn(move |issued_at| {
            let early = issued_at > now + LEEWAY;
            (!early)
                .then_some(())
                .ok_or_else(|| "issued in the future".to_owned())
        });
        let wanted = |found: Option<&Nonce>| match (nonce, found) {
            (None, _) => Ok(()),
            (Some(nonce), Some(found)) if found.secret() == nonce => Ok(()),
            _ => Err("another nonce".to_owned()),
        };
        let claims = token.claims(&verifier, wanted)?;
        let authorized = claims.authorized_party().map(|party| party.as_str());
        if authorized.is_some_and(|party| !self.ours(party)) {
            let words = "authorized for another party".to_owned();
            return Err(ClaimsVerificationError::InvalidAudience(words));
        }
        let email = claims
            .email()
            .filter(|_| claims.email_verified() == Some(true))
            .and_then(|email| EmailAddress::parse(email).ok());
        Ok(Speaks {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            verified_email: email,
            issued_at: claims.issue_time(),
            expires_at: claims.expiration(),
        })
    }

    fn ours(&self, client_id: &str) -> bool {
        let settings = &self.0.settings;
        settings.client_id == client_id || settings.extra_client_ids.iter().any(|id| id == client_id)
    }

    /// Where the browser goes to sign in.
    pub async fn address(&self, carried: &Carried<'_>) -> Result<Url> {
        let known = self.known(None).await?;
        let verifier = PkceCodeVerifier::new(carried.verifier.to_owned());
        let (state, nonce) = (carried.state.to_owned(), carried.nonce.to_owned());
        let client = CoreClient::from_provider_metadata(
            *known.metadata,
            ClientId::new(self.0.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(redirect_uri(carried)?);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// The ID token that a code of the redirect flow stands for.
    pub async fn exchange(&self, code: &str, carried: &Carried<'_>) -> Result<Result<String, Reason>> {
        let known = self.known(None).await?;
        let settings = &self.0.settings;
        let client = CoreClient::from_provider_metadata(
            *known.metadata,
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(settings.client_secret.clone())),
        )
        .set_redirect_uri(redirect_uri(carried)?);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| odd("the identity provider has no token endpoint")(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(carried.verifier.to_owned()));
        let http = |request| fetch::fetch(self.0.http.clone(), request);
        match request.request_async(&http).await {
            Ok(answer) => {
                use openidconnect::TokenResponse;
                let token = answer.id_token().map(ToString::to_string);
                Ok(token.ok_or(Reason::InvalidCredentials))
            }
            Err(RequestTokenError::ServerResponse(_)) => Ok(Err(Reason::InvalidCredentials)),
            Err(RequestTokenError::Request(error)) => {
                Err(odd("the identity provider does not answer")(&error))
            }
            Err(RequestTokenError::Parse(error, _)) => {
                Err(odd("the identity provider answers nonsense")(&error))
            }
            Err(RequestTokenError::Other(words)) => {
                Err(odd("the identity provider answers nonsense")(&words))
            }
        }
    }
}

fn redirect_uri(carried: &Carried<'_>) -> Result<RedirectUrl> {
    RedirectUrl::new(carried.redirect_uri.to_owned()).map_err(Error::internal)
}
