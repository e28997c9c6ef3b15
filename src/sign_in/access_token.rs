//! Access tokens: EdDSA JWTs (RFC 7519, RFC 8037), valid for 10 minutes. Other services verify them with
//! `/.well-known/jwks.json`.
//!
//! Each kind of token has its own audience, so that none is accepted as another: `…/portal`, `…/dashboard`, and
//! `…/portal/courses` for a session that is limited to a section.

use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Role;
use crate::base::clock::TOLERATED_DIFFERENCE;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId, SessionId, TeamMemberId};
use crate::sign_in::auth_context::{AuthContext, Viewer};
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::model::refresh::TokenPair;
use crate::sign_in::signing_keys::{KeyPair, schedule};

pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long a token is accepted after it has expired.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// The claims of an access token, a contract with the services that verify it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub sid: String,
    pub acc: String,
    pub typ: String,
    pub roles: Vec<String>,
    pub scope: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
}

impl Claims {
    /// The viewer and its id; `section` is the part of the audience that follows `/portal`.
    fn contact(&self, session: SessionId, section: &str) -> Option<(Viewer, Uuid)> {
        let section = match section.strip_prefix('/') {
            Some(path) => Some(PortalSection::from_path(path)?),
            None => None,
        };
        let contact = ContactId::from_str(&self.sub).ok()?;
        let viewer = Viewer::Contact {
            account: AccountId::from_str(&self.acc).ok()?,
            contact,
            session,
            section,
        };
        Some((viewer, contact.0))
    }

    fn member(&self, session: SessionId) -> Option<(Viewer, Uuid)> {
        let member = TeamMemberId::from_str(&self.sub).ok()?;
        let viewer = Viewer::Member {
            account: AccountId::from_str(&self.acc).ok()?,
            member,
            session,
            role: self.roles.first()?.parse().ok()?,
        };
        Some((viewer, member.0))
    }
}

#[derive(Debug)]
pub struct Tokens {
    /// Replaced while the server runs.
    keys: RwLock<Arc<[KeyPair]>>,
    issuer: String,
}

/// A token with a valid signature and its claims.
#[derive(Clone, Debug)]
pub(crate) struct VerifiedToken {
    pub auth: AuthContext,
    pub session: SessionId,
    pub generation: i32,
    pub issued_at: DateTime<Utc>,
    /// The key that signed it.
    pub kid: String,
}

impl VerifiedToken {
    /// Whether it is valid at this time. An instance whose clock is ahead may have issued it.
    pub(crate) fn valid_at(&self, now: DateTime<Utc>) -> bool {
        self.issued_at <= now + TOLERATED_DIFFERENCE && self.auth.ends_at.is_none_or(|end| now < end)
    }
}

impl Tokens {
    /// The issuer is the server's public address.
    pub fn new(keys: Vec<KeyPair>, issuer: &str) -> Self {
        Self {
            keys: RwLock::new(keys.into()),
            issuer: issuer.to_owned(),
        }
    }

    /// Replaces the keys, newest first.
    pub(crate) fn set_keys(&self, keys: Vec<KeyPair>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    fn keys(&self) -> Arc<[KeyPair]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether tokens of this key are still trusted.
    pub(crate) fn trusts(&self, kid: &str, now: DateTime<Utc>) -> bool {
        let keys = self.keys();
        let index = keys.iter().position(|key| key.kid == kid);
        index.is_some_and(|index| schedule::valid(&created_at(&keys), index, now))
    }

    /// How many keys are loaded, and when the newest was created.
    pub(crate) fn key_stats(&self) -> (usize, Option<DateTime<Utc>>) {
        let keys = self.keys();
        (keys.len(), keys.iter().filter_map(|key| key.created_at).max())
    }

    /// The access token of a pair and when it expires. The same pair gives the same bytes while its token is fresh.
    pub fn access(
        &self,
        pair: &TokenPair,
        role: Option<Role>,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>)> {
        let fresh = now - pair.issued_at < LIFETIME - TimeDelta::minutes(1);
        let issued_at = if fresh { pair.issued_at } else { now };
        let expires_at = (issued_at + LIFETIME).min(pair.session.expires_at);
        let claims = self.claims(pair, role, issued_at, expires_at);
        // Chosen by the time of issue, so that a repeat is signed with the same key.
        let keys = self.keys();
        let key = schedule::signer(&created_at(&keys), issued_at)
            .and_then(|index| keys.get(index))
            .ok_or_else(|| Error::internal("there is no signing key"))?;
        let header = Header {
            kid: Some(key.kid.clone()),
            typ: Some("at+jwt".to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Error::internal)?;
        Ok((
            token,
            DateTime::from_timestamp(claims.exp, 0).unwrap_or(expires_at),
        ))
    }

    fn claims(
        &self,
        pair: &TokenPair,
        role: Option<Role>,
        issued_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Claims {
        let session = &pair.session;
        let (typ, sub) = match (session.contact_id, session.team_member_id) {
            (Some(contact), _) => ("contact", contact.to_string()),
            (None, member) => ("member", member.map(|id| id.to_string()).unwrap_or_default()),
        };
        Claims {
            iss: self.issuer.clone(),
            aud: self.audience(session),
            sub,
            sid: session.id.to_string(),
            acc: session.account_id.to_string(),
            typ: typ.to_owned(),
            roles: role.map(|role| role.as_str().to_owned()).into_iter().collect(),
            scope: session
                .section
                .map_or("portal", |section| section.path())
                .to_owned(),
            iat: issued_at.timestamp(),
            nbf: issued_at.timestamp(),
            exp: expires_at.timestamp(),
            jti: format!("{}.{}", session.id.suffix(), pair.generation),
        }
    }

    fn audience(&self, session: &Session) -> String {
        let base = if session.contact_id.is_some() {
            "portal"
        } else {
            "dashboard"
        };
        match session.section {
            Some(section) => format!("{}/{base}/{}", self.issuer, section.path()),
            None => format!("{}/{base}", self.issuer),
        }
    }

    /// `UNAUTHENTICATED` for anything but a valid token of this server. A token that is limited to a section is meant for
    /// other services; here it gives access to the viewer's own profile only.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<VerifiedToken> {
        let refused = || {
            Error::new(
                Code::Unauthenticated,
                "The access token is invalid or has expired. Refresh the session.",
            )
        };
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        let kid = header.kid.ok_or_else(refused)?;
        let keys = self.keys();
        let key = keys.iter().find(|key| key.kid == kid);
        let key = key.filter(|_| self.trusts(&kid, now)).ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.set_issuer(&[&self.issuer]);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation)
            .map_err(|_| refused())?
            .claims;
        let latest = (now + TOLERATED_DIFFERENCE).timestamp();
        if claims.exp + LEEWAY.num_seconds() <= now.timestamp() || claims.nbf > latest {
            return Err(refused());
        }
        self.verified(&claims, kid).ok_or_else(refused)
    }

    fn verified(&self, claims: &Claims, kid: String) -> Option<VerifiedToken> {
        let path = claims.aud.strip_prefix(&self.issuer)?;
        let session = SessionId::from_str(&claims.sid).ok()?;
        let (viewer, holder) = match claims.typ.as_str() {
            "contact" => claims.contact(session, path.strip_prefix("/portal")?)?,
            "member" if path == "/dashboard" => claims.member(session)?,
            _ => return None,
        };
        let generation = claims.jti.rsplit_once('.')?.1.parse().ok()?;
        let ends_at = DateTime::from_timestamp(claims.exp, 0)? + LEEWAY;
        let auth = AuthContext {
            viewer,
            ends_at: Some(ends_at),
            revocable_ids: vec![session.0, holder],
        };
        Some(VerifiedToken {
            auth,
            session,
            generation,
            issued_at: DateTime::from_timestamp(claims.iat, 0)?,
            kid,
        })
    }

    /// The public keys (RFC 7517), including one that doesn't sign yet and those whose last tokens haven't expired.
    pub(crate) fn jwks(&self, now: DateTime<Utc>) -> Value {
        let keys = self.keys();
        let created_at = created_at(&keys);
        let published = keys
            .iter()
            .enumerate()
            .filter(|(index, _)| schedule::valid(&created_at, *index, now));
        let keys: Vec<Value> = published
            .map(|(_, key)| {
                json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": key.x})
            })
            .collect();
        json!({ "keys": keys })
    }
}

/// The creation time of each key that is scheduled by it.
fn created_at(keys: &[KeyPair]) -> Vec<Option<DateTime<Utc>>> {
    keys.iter()
        .map(|key| key.created_at.filter(|_| key.scheduled))
        .collect()
}
