//! The keys that sign access tokens: Ed25519, newest first. They are read from PEM files, or created by the server and stored
//! sealed in the database. [`schedule`] decides which key signs when.

pub(crate) mod files;
pub(crate) mod model;
pub(crate) mod schedule;

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

/// A key pair and its id: the JWK thumbprint (RFC 7638) of the public key.
pub struct KeyPair {
    pub kid: String,
    /// The public key, as in the JWKS (RFC 8037 section 2).
    pub x: String,
    /// When it was created, or when its file was written.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether its creation time decides when it signs. Of keys in files the order decides.
    pub(crate) scheduled: bool,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("it is not a PKCS#8 PEM of an Ed25519 key (make one: openssl genpkey -algorithm ed25519)")]
    NotEd25519,
}

impl KeyPair {
    pub(crate) fn from_pem(pem: &str) -> std::result::Result<Self, KeyError> {
        let secret = Secret::from_pkcs8_pem(pem).map_err(|_| KeyError::NotEd25519)?;
        Self::from_secret(&secret)
    }

    fn from_secret(secret: &Secret) -> std::result::Result<Self, KeyError> {
        let der = secret.to_pkcs8_der().map_err(|_| KeyError::NotEd25519)?;
        let x = URL_SAFE_NO_PAD.encode(secret.verifying_key().as_bytes());
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Ok(Self {
            kid: URL_SAFE_NO_PAD.encode(Sha256::digest(jwk)),
            signing: EncodingKey::from_ed_der(der.as_bytes()),
            verifying: DecodingKey::from_ed_components(&x).map_err(|_| KeyError::NotEd25519)?,
            x,
            created_at: None,
            scheduled: false,
        })
    }
}

/// The keys in the database. If there is none, one is created; instances that start together agree on it.
pub async fn load_or_create(db: &Db, seal: &ServerKey, moment: &Moment) -> Result<Vec<KeyPair>> {
    let mut conn = db.conn().await?;
    let rows = conn
        .transaction(async |conn| -> Result<_> {
            SigningKey::lock(conn).await?;
            let rows = SigningKey::all(conn).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
            create(conn, seal, moment).await?;
            SigningKey::all(conn).await
        })
        .await?;
    rows.iter().map(|row| open(row, seal)).collect()
}

/// Reloads the keys of a running instance. Keys that no token needs any more are retired.
pub(crate) async fn reload(db: &Db, seal: &ServerKey, now: DateTime<Utc>) -> Result<Vec<KeyPair>> {
    let mut conn = db.conn().await?;
    let rows = SigningKey::all(&mut conn).await?;
    let created_at: Vec<_> = rows.iter().map(|row| Some(row.created_at)).collect();
    let mut keys = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if schedule::valid(&created_at, index, now) {
            keys.push(open(row, seal)?);
        } else if SigningKey::retire(&mut conn, &row.kid, now).await? {
            tracing::info!(kid = row.kid, "a signing key is retired");
        }
    }
    Ok(keys)
}

/// Creates a new key and returns its id. The key is published as soon as an instance has loaded it, and signs once every
/// instance has.
pub async fn rotate(db: &Db, seal: &ServerKey, moment: &Moment) -> Result<String> {
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        SigningKey::lock(conn).await?;
        // If the existing keys can't be opened, they were sealed with another secret, and the instances couldn't open a new
        // one.
        for row in SigningKey::all(conn).await? {
            open(&row, seal)?;
        }
        create(conn, seal, moment).await
    })
    .await
}

async fn create(conn: &mut Conn, seal: &ServerKey, moment: &Moment) -> Result<String> {
    let bytes = moment.random::<32>();
    let pair = KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)?;
    let sealed = seal
        .seal(&bytes, moment)
        .ok_or_else(|| Error::internal("a key could not be sealed"))?;
    SigningKey::insert(conn, &pair.kid, &sealed, moment.now).await?;
    tracing::info!(kid = pair.kid, "a signing key was created");
    Ok(pair.kid)
}

fn open(row: &SigningKey, seal: &ServerKey) -> Result<KeyPair> {
    let bytes = seal
        .open(&row.sealed)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.ok_or_else(|| {
        let (kid, created_at) = (&row.kid, row.created_at.to_rfc3339());
        let cause = format!(
            "the signing key {kid} in the database, created at {created_at}, was sealed with another VESTIBULE_SECRET: set that one"
        );
        Error::internal(cause)
    })?;
    let pair = KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)?;
    Ok(KeyPair {
        created_at: Some(row.created_at),
        scheduled: true,
        ..pair
    })
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.kid)
    }
}
