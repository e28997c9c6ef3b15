//! The keys that sign access tokens: Ed25519, newest first. From PEM files, or made once and kept sealed in the database.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection;
use ed25519_dalek::SigningKey as Secret;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::clock::Moment;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::models::signing_key::SigningKey;
use crate::secrets::ServerKey;

/// One key pair and its id: the JWK thumbprint (RFC 7638) of the public half.
pub struct KeyPair {
    pub kid: String,
    /// The public half as JWKS shows it (RFC 8037 section 2).
    pub x: String,
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("it is not a PKCS#8 PEM of an Ed25519 key (make one: openssl genpkey -algorithm ed25519)")]
    NotEd25519,
}

impl KeyPair {
    pub fn from_pem(pem: &str) -> std::result::Result<Self, KeyFault> {
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
            let bytes = moment.random::<32>();
            let pair = KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)?;
            let sealed = seal
                .seal(&bytes, moment)
                .ok_or_else(|| Error::internal("a key could not be sealed"))?;
            SigningKey::keep(conn, &pair.kid, &sealed, moment.now).await?;
            SigningKey::all(conn).await
        })
        .await?;
    rows.iter().map(|row| open(row, seal)).collect()
}

fn open(row: &SigningKey, seal: &ServerKey) -> Result<KeyPair> {
    let bytes = seal.open(&row.sealed).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).ok_or_else(|| {
        Error::internal("the signing key in the database was sealed with another VESTIBULE_SECRET: set the one it was made with")
    })?;
    KeyPair::from_secret(&Secret::from_bytes(&bytes)).map_err(Error::internal)
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.kid)
    }
}
