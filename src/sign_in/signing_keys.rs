//! The keys that sign access tokens: Ed25519, newest first. From PEM files, or made by the server and kept sealed in the
//! database. [`ring`] says which of them signs when.

pub(crate) mod files;
pub(crate) mod model;
pub(crate) mod ring;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use ed25519_dalek::SigningKey as Secret;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::secrets::ServerKey;
use crate::sign_in::signing_keys::model::SigningKey;

/// One key pair and its id: the JWK thumbprint (RFC 7638) of the public half.
pub struct KeyPair {
    pub kid: String,
    /// The public half as JWKS shows it (RFC 8037 section 2).
    pub x: String,
    /// When it was made; of a file, when it was written.
    pub made_at: Option<DateTime<Utc>>,
    /// Whether its time says when it signs, or its place among the files.
    pub(crate) dated: bool,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFault {
    #[error("it is not a PKCS#8 PEM of an Ed25519 key (make one: openssl genpkey -algorithm ed25519)")]
    NotEd25519,
}

impl KeyPair {
    pub(crate) fn from_pem(pem: &str) -> std::result::Result<Self, KeyFault> {
        let secret = Secret::from_pkcs8_pem(pem).map_err(|_| KeyFault::NotEd25519)?;
        Self::from_secret(&secret)
    }

    fn from_secret(secret: &Secret) -> std::result::Result<Self, KeyFault> {
        let der = secret.to_pkcs8_der().map_err(|_| KeyFault::NotEd25519)?;
        let x = URL_SAFE_NO_PAD.encode(secret.verifying_key().as_bytes());
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Ok(Self {
            kid: URL_SAFE_NO_PAD.encode(Sha256::digest(jwk)),
            signing: EncodingKey::from_ed_der(der.as_bytes()),
            verifying: DecodingKey::from_ed_components(&x).map_err(|_| KeyFault::NotEd25519)?,
            x,
            made_at: None,
            dated: false,
        })
    }
}

/// The keys of the database, one made if there is none; instances that start together agree on it.
pub async fn kept(db: &Db, seal: &ServerKey, moment: &Moment) -> Result<Vec<KeyPair>> {
    let mut conn = db.conn().await?;
    let rows = conn
        .transaction(async |conn| -> Result<_> {
            SigningKey::lock(conn).await?;
            let rows = SigningKey::all(conn).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
            make(conn, seal, moment).await?;
            SigningKey::all(conn).await
        })
        .await?;
    rows.iter().map(|row| open(row, seal)).collect()
}

/// The same for an instance that runs: what no token needs any more is retired.
pub(crate) async fn poll(db: &Db, seal: &ServerKey, now: DateTime<Utc>) -> Result<Vec<KeyPair>> {
    let mut conn = db.conn().await?;
    let rows = SigningKey::all(&mut conn).await?;
    let made: Vec<_> = rows.iter().map(|row| Some(row.created_at)).collect();
    let mut keys = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        if ring::good(&made, place, now) {
            keys.push(open(row, seal)?);
        } else if SigningKey::retire(&mut conn, &row.kid, now).await? {
            tracing::info!(kid = row.kid, "a signing key is retired");
        }
    }
    Ok(keys)
}

/// Makes a new key beside those that are there, and gives its id: it is shown as soon as an instance has seen it, and signs
/// when all must have.
pub async fn rotate(db: &Db, seal: &ServerKey, moment: &Moment) -> Result<String> {
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        SigningKey::lock(conn).await?;
        // Keys that can't be opened were sealed with another secret: then this one would be of no use either.
        for row in SigningKey::all(conn).await? {
            open(&row, seal)?;
        }
        make(conn, seal, moment).await
    })
    .await
}

async fn make(conn: &mut Conn, seal: &ServerKey, moment: &Moment) -> Result<String> {
    let bytes = moment.random::<32>();
    let pair = KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)?;
    let sealed = seal
        .seal(&bytes, moment)
        .ok_or_else(|| Error::internal("a key could not be sealed"))?;
    SigningKey::keep(conn, &pair.kid, &sealed, moment.now).await?;
    tracing::info!(kid = pair.kid, "a signing key was made");
    Ok(pair.kid)
}

fn open(row: &SigningKey, seal: &ServerKey) -> Result<KeyPair> {
    let bytes = seal
        .open(&row.sealed)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.ok_or_else(|| {
        let (kid, made_at) = (&row.kid, row.created_at.to_rfc3339());
        let cause = format!(
            "the signing key {kid} in the database, created at {made_at}, was sealed with another VESTIBULE_SECRET: set that one"
        );
        Error::internal(cause)
    })?;
    let pair = KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)?;
    Ok(KeyPair {
        made_at: Some(row.created_at),
        dated: true,
        ..pair
    })
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.kid)
    }
}
