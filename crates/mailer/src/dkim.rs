//! DKIM (RFC 6376): keys, and the headers that they sign.

use std::fmt;
use std::sync::Arc;

use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey,
};
use lettre::message::header::HeaderName;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs8::EncodePublicKey;
use rsa::rand_core::{CryptoRng, Error as RandError, RngCore};
use rsa::{RsaPrivateKey, RsaPublicKey};

/// RFC 8301, section 3.2: at least 2048 bits. More don't fit into one DNS answer over UDP.
const KEY_BITS: usize = 2048;

/// Absent ones are signed as absent, so none can be added on the way (RFC 6376, section 5.4.2).
const SIGNED_HEADERS: [&str; 12] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// Signs messages for one domain. Clones share the parsed key.
#[derive(Clone)]
pub struct DkimKey {
    domain: String,
    selector: String,
    pub(super) config: Arc<DkimConfig>,
}

/// The key can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA key in PKCS#1 PEM")]
pub struct DkimKeyError;

impl DkimKey {
    /// Parses the private key: keep the result, clones are cheap. The public key is published as a TXT record at
    /// `selector._domainkey.domain`.
    pub fn new(domain: &str, selector: &str, private_pem: &str) -> Result<Self, DkimKeyError> {
        let key = DkimSigningKey::new(private_pem, DkimSigningAlgorithm::Rsa).map_err(|_| DkimKeyError)?;
        let relaxed = DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        };
        let headers = SIGNED_HEADERS.map(HeaderName::new_from_ascii_str).to_vec();
        let config = DkimConfig::new(selector.to_owned(), domain.to_owned(), key, headers, relaxed);
        Ok(Self {
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            config: Arc::new(config),
        })
    }
}

impl PartialEq for DkimKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for DkimKey {}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DkimKey({}._domainkey.{})", self.selector, self.domain)
    }
}

/// A new RSA key.
pub struct DkimKeyPair {
    /// PKCS#1 PEM.
    pub private_pem: String,
    /// `SubjectPublicKeyInfo` in DER, the value of `p=` in the DNS record before its base64 (RFC 6376, section 3.6.1).
    pub public_der: Vec<u8>,
}

impl DkimKeyPair {
    /// Takes up to seconds: call it on a thread that may block. `fill` fills a buffer with unpredictable bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Result<Self, DkimKeyError> {
        let key = RsaPrivateKey::new(&mut Randomness(fill), KEY_BITS).map_err(|_| DkimKeyError)?;
        let private_pem = key.to_pkcs1_pem(LineEnding::LF).map_err(|_| DkimKeyError)?;
        let public = RsaPublicKey::from(&key);
        let public_der = public.to_public_key_der().map_err(|_| DkimKeyError)?;
        Ok(Self {
            private_pem: private_pem.to_string(),
            public_der: public_der.into_vec(),
        })
    }
}

impl fmt::Debug for DkimKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DkimKeyPair(…)")
    }
}

/// The caller's randomness as the release of `rand_core` that `rsa` takes.
struct Randomness<F>(F);

impl<F: FnMut(&mut [u8])> RngCore for Randomness<F> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        (self.0)(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandError> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl<F: FnMut(&mut [u8])> CryptoRng for Randomness<F> {}

#[cfg(test)]
mod tests {
    use super::{DkimKey, DkimKeyPair};
    use crate::email::tests::email;
    use crate::{Email, Mailer, mime};

    /// A fixed key: bytes from a counter are enough for a test.
    fn key() -> DkimKey {
        let mut count = 0u64;
        let pair = DkimKeyPair::generate(|bytes| {
            for byte in bytes {
                count = count.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = count.to_be_bytes()[0];
            }
        });
        DkimKey::new("acme.example", "s1", &pair.expect("a key").private_pem).expect("it parses")
    }

    #[tokio::test]
    async fn a_signed_message_names_domain_selector_and_headers_and_long_ones_fit_the_stack() {
        let key = key();
        let email = Email {
            dkim: Some(key.clone()),
            envelope_from: Some("bounces@bounces.acme.example".into()),
            subject: "Zoë ".repeat(240),
            ..email()
        };
        let message = mime::encode(&email).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(message.from.to_string(), "bounces@bounces.acme.example");
        let unfolded = message.content.replace("\r\n ", " ");
        let header = unfolded.lines().find(|line| line.starts_with("DKIM-Signature: "));
        let header = header.expect("a signature");
        for part in [
            "a=rsa-sha256;",
            "d=acme.example;",
            "s=s1;",
            "c=relaxed/relaxed;",
            ":content-type:",
        ] {
            assert!(header.contains(part), "{part}: {header}");
        }
        let mailer = Mailer::memory();
        assert_eq!(mailer.send(&email).await, Ok(()));
        assert!(!format!("{key:?} {email:?}").contains("PRIVATE"));
    }

    #[test]
    fn an_invalid_key_is_refused() {
        assert!(DkimKey::new("acme.example", "s1", "no key").is_err());
    }
}
