//! Google, or another OpenID provider in its place (OpenID Connect Core 1.0): its cached discovery document and keys, the
//! verification of ID tokens, and the exchange of authorization codes with PKCE (RFC 7636).
//!
//! A failure of the provider is `UNAVAILABLE`; an invalid token or code of a caller is a refusal.

mod discovery;
mod fetch;
mod flow;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, Nonce,
    SignatureVerificationError,
};
use serde::{Deserialize, Serialize};

use self::discovery::{CachedMetadata, Discovery};
use crate::base::address::EmailAddress;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::base::secrets::SecretHash;
use crate::sign_in::refusal::Reason;

pub(crate) use flow::AuthorizationRequest;

/// Clocks may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Longer than any ID token.
const MAX_TOKEN_BYTES: usize = 16 << 10;

/// The settings of the provider.
#[derive(Clone)]
pub struct GoogleSettings {
    pub client_id: String,
    pub client_secret: String,
    pub issuer: String,
    /// The client ids of mobile apps, whose ID tokens are accepted too.
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
    discovery: Discovery,
}

/// The `nbf` claim, which an ID token may contain (RFC 7519, 4.1.5).
#[derive(Clone, Debug, Serialize, Deserialize)]
struct NotBefore {
    nbf: Option<f64>,
}

impl AdditionalClaims for NotBefore {}

type Token = IdToken<NotBefore, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<NotBefore, CoreGenderClaim>;
type VerificationResult<T> = std::result::Result<T, ClaimsVerificationError>;

/// The claims of an ID token that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedIdToken {
    pub issuer: String,
    pub subject: String,
    /// The address, if the provider says that it is verified.
    pub verified_email: Option<EmailAddress>,
    pub issued_at: DateTime<Utc>,
    /// When it has expired by any clock, with its leeway.
    pub expired_at: DateTime<Utc>,
    /// The hash of the signed part without the signature: with ECDSA a second valid signature can be derived from the first.
    pub hash: SecretHash,
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.settings.fmt(f)
    }
}

impl Google {
    pub(crate) fn new(settings: GoogleSettings, clock: Clock) -> Result<Self> {
        let http = fetch::client().map_err(Error::internal)?;
        let discovery = Discovery::new(&settings.issuer, http.clone(), clock.clone())?;
        Ok(Self(Arc::new(Inner {
            settings,
            clock,
            http,
            discovery,
        })))
    }

    /// The claims of a token that this provider issued to this server and that is valid now. A nonce has to match if one is
    /// given.
    pub(crate) async fn verify(
        &self,
        token: &str,
        nonce: Option<&str>,
    ) -> Result<Result<VerifiedIdToken, Reason>> {
        let text = token.trim();
        let parsed = (text.len() <= MAX_TOKEN_BYTES)
            .then(|| text.parse::<Token>().ok())
            .flatten();
        let (Some(token), Some((signed, _))) = (parsed, text.rsplit_once('.')) else {
            return Ok(Err(Reason::InvalidCredentials));
        };
        let hash = SecretHash::of(&[b"id token", signed.as_bytes()]);
        let metadata = self.0.discovery.metadata().await?;
        let claims = match self.verify_claims(&token, nonce, &metadata) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let metadata = self.0.discovery.newer_than(&metadata).await?;
                self.verify_claims(&token, nonce, &metadata)
            }
            claims => claims,
        };
        Ok(match claims {
            Ok(claims) => Ok(verified(claims, hash)),
            Err(_) => Err(Reason::InvalidCredentials),
        })
    }

    fn verify_claims<'a>(
        &self,
        token: &'a Token,
        nonce: Option<&str>,
        metadata: &CachedMetadata,
    ) -> VerificationResult<&'a Claims> {
        let now = self.0.clock.now();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.0.settings.client_id.clone()),
            metadata.document.issuer().clone(),
            metadata.document.jwks().clone(),
        )
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ])
        // The verifier knows one client id, and we may have several: `check_audience` checks them.
        .require_audience_match(false)
        .set_time_fn(move || now - LEEWAY)
        .set_issue_time_verifier_fn(move |issued_at| {
            let early = issued_at > now + LEEWAY;
            (!early)
                .then_some(())
                .ok_or_else(|| "issued in the future".to_owned())
        });
        let check_nonce = |found: Option<&Nonce>| match (nonce, found) {
            (None, _) => Ok(()),
            (Some(nonce), Some(found)) if found.secret() == nonce => Ok(()),
            _ => Err("another nonce".to_owned()),
        };
        let claims = token.claims(&verifier, check_nonce)?;
        if !subject_is_well_formed(claims.subject()) {
            return Err(ClaimsVerificationError::InvalidSubject(
                "it has no valid subject".to_owned(),
            ));
        }
        let not_before = claims.additional_claims().nbf.unwrap_or_default();
        if not_before > (now + LEEWAY).timestamp() as f64 {
            return Err(ClaimsVerificationError::Other("it is not valid yet".to_owned()));
        }
        self.check_audience(claims)
    }

    /// OpenID Connect Core 1.0, 3.1.3.7: every audience and the authorized party are ours, and a token with several audiences
    /// names its authorized party.
    fn check_audience<'a>(&self, claims: &'a Claims) -> VerificationResult<&'a Claims> {
        let audiences = claims.audiences();
        let party = claims.authorized_party();
        let valid = !audiences.is_empty()
            && audiences.iter().all(|audience| self.is_own_client(audience))
            && party.is_none_or(|party| self.is_own_client(party))
            && (audiences.len() == 1 || party.is_some());
        if valid {
            Ok(claims)
        } else {
            Err(ClaimsVerificationError::InvalidAudience(
                "it was issued to another client".to_owned(),
            ))
        }
    }

    fn is_own_client(&self, client_id: &str) -> bool {
        let settings = &self.0.settings;
        settings.client_id == client_id || settings.extra_client_ids.iter().any(|id| id == client_id)
    }
}

/// OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
fn subject_is_well_formed(subject: &str) -> bool {
    (1..=255).contains(&subject.len()) && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn verified(claims: &Claims, hash: SecretHash) -> VerifiedIdToken {
    let email = claims
        .email()
        .filter(|_| claims.email_verified() == Some(true))
        .and_then(|email| EmailAddress::parse(email).ok());
    VerifiedIdToken {
        issuer: claims.issuer().to_string(),
        subject: claims.subject().to_string(),
        verified_email: email,
        issued_at: claims.issue_time(),
        expired_at: claims.expiration() + LEEWAY,
        hash,
    }
}
