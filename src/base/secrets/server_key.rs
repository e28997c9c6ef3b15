//! Keys of the server.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::base::clock::Moment;

/// A key that only the servers know. One is derived from `VESTIBULE_SECRET` for each use.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    pub fn new(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The key for one use: no two uses share a key.
    pub(crate) fn for_use(&self, label: &str) -> Self {
        Self(self.mac(&[b"vestibule key", label.as_bytes()]))
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts. Each is preceded by its length, so their boundaries count.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The HMAC as base64url, for forms and cookies.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(parts))
    }

    /// Whether the tag is valid, in constant time.
    pub(crate) fn verify_tag(&self, tag: &str, parts: &[&[u8]]) -> bool {
        self.tag(parts).as_bytes().ct_eq(tag.as_bytes()).into()
    }

    /// ChaCha20-Poly1305 (RFC 8439): a random nonce, then the ciphertext.
    pub(crate) fn seal(&self, plain: &[u8], moment: &Moment) -> Option<Vec<u8>> {
        let nonce = moment.random::<12>();
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), plain).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(12)?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        self.cipher().decrypt(&Nonce::from(nonce), text).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&self.0).into())
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn sealed_text_opens_with_its_key_only() {
        let moment = Clock::System.moment();
        let key = ServerKey::new(b"one").for_use("signing");
        let mut sealed = key.seal(b"pem", &moment).expect("it fits");
        assert_eq!(key.open(&sealed).as_deref(), Some(&b"pem"[..]));
        assert_eq!(ServerKey::new(b"one").for_use("other").open(&sealed), None);
        sealed[13] ^= 1;
        assert_eq!(key.open(&sealed), None);
        assert_eq!(key.open(&[1, 2]), None);
    }
}
