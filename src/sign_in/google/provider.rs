//! Google, or another OpenID provider in its place (OpenID Connect Core 1.0): what it says of itself and its keys, kept for a
//! while; ID tokens, verified; codes of the redirect flow, exchanged with PKCE (RFC 7636).
//!
//! What the provider does wrong is `UNAVAILABLE`, what a caller brings wrong is a refusal.

mod description;
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

use self::description::{Description, Known};
use crate::base::address::EmailAddress;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::base::secrets::SecretHash;
use crate::sign_in::refusal::Reason;

pub(crate) use fetch::choose_cryptography;
pub(crate) use flow::AuthorizationRequest;

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
    description: Description,
}

/// What an ID token may say besides (RFC 7519, 4.1.5).
#[derive(Clone, Debug, Serialize, Deserialize)]
struct NotBefore {
    nbf: Option<f64>,
}

impl AdditionalClaims for NotBefore {}

type Token = IdToken<NotBefore, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<NotBefore, CoreGenderClaim>;
type Verdict<T> = std::result::Result<T, ClaimsVerificationError>;

/// The claims of an ID token that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedIdToken {
    pub issuer: String,
    pub subject: String,
    /// The address, if the provider says that it is verified.
    pub verified_email: Option<EmailAddress>,
    pub issued_at: DateTime<Utc>,
    /// From then on it is valid by no clock, whatever its leeway.
    pub expired_at: DateTime<Utc>,
    /// Of what was signed, without the signature: with ECDSA a second valid one can be derived from the first.
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
        let description = Description::of(&settings.issuer, http.clone(), clock.clone())?;
        Ok(Self(Arc::new(Inner {
            settings,
            clock,
            http,
            description,
        })))
    }

    /// The token's claims, if it is this provider's, issued to this server, valid now, and issued for this nonce; with no nonce
    /// given, for any.
    pub(crate) async fn verify(
        &self,
        token: &str,
        nonce: Option<&str>,
    ) -> Result<Result<VerifiedIdToken, Reason>> {
        let text = token.trim();
        let parsed = (text.len() <= TOKEN_BYTES)
            .then(|| text.parse::<Token>().ok())
            .flatten();
        let (Some(token), Some((signed, _))) = (parsed, text.rsplit_once('.')) else {
            return Ok(Err(Reason::InvalidCredentials));
        };
        let hash = SecretHash::of(&[b"id token", signed.as_bytes()]);
        let known = self.0.description.known().await?;
        let read = match self.read(&token, nonce, &known) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let known = self.0.description.newer_than(&known).await?;
                self.read(&token, nonce, &known)
            }
            read => read,
        };
        Ok(match read {
            Ok(claims) => Ok(verified(claims, hash)),
            Err(_) => Err(Reason::InvalidCredentials),
        })
    }

    fn read<'a>(&self, token: &'a Token, nonce: Option<&str>, known: &Known) -> Verdict<&'a Claims> {
        let now = self.0.clock.now();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.0.settings.client_id.clone()),
            known.metadata.issuer().clone(),
            known.metadata.jwks().clone(),
        )
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ])
        // It knows one client id, and we may have more: `for_us` looks at them.
        .require_audience_match(false)
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
        if !subject_is_well_formed(claims.subject()) {
            return Err(ClaimsVerificationError::InvalidSubject(
                "it has no valid subject".to_owned(),
            ));
        }
        let begins = claims.additional_claims().nbf.unwrap_or_default();
        if begins > (now + LEEWAY).timestamp() as f64 {
            return Err(ClaimsVerificationError::Other("it is not valid yet".to_owned()));
        }
        self.for_us(claims)
    }

    /// OpenID Connect Core 1.0, 3.1.3.7: every audience is ours, and whoever it was given to; with several it says to whom.
    fn for_us<'a>(&self, claims: &'a Claims) -> Verdict<&'a Claims> {
        let audiences = claims.audiences();
        let party = claims.authorized_party();
        let good = !audiences.is_empty()
            && audiences.iter().all(|audience| self.ours(audience))
            && party.is_none_or(|party| self.ours(party))
            && (audiences.len() == 1 || party.is_some());
        if good {
            Ok(claims)
        } else {
            Err(ClaimsVerificationError::InvalidAudience(
                "it was issued to another client".to_owned(),
            ))
        }
    }

    fn ours(&self, client_id: &str) -> bool {
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
