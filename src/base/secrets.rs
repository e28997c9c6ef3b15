//! Secrets: plain and hashed ones are different types, and neither can be printed by accident.
//!
//! An opaque secret reads `<kind>_<account>_<43 base64url>`: scanners recognise it, and the account is known before the look-up.
//! It holds 256 random bits, so a plain SHA-256 is enough at rest (OWASP ASVS 5.0, 6.5.2 and 6.5.3).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types;
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::base::clock::Moment;
use crate::base::ids::AccountId;

/// What a secret is for; its first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    MagicLink,
    StaffLink,
    Refresh,
    ApiKey,
    /// Held by the device that asked for a sign-in.
    Device,
    /// The session of a browser.
    Cookie,
    /// Chooses another password.
    Reset,
    /// Says 'this was not me' to a message.
    NotMe,
}

impl SecretKind {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::MagicLink => "link",
            Self::StaffLink => "staff",
            Self::Refresh => "refresh",
            Self::ApiKey => "apikey",
            Self::Device => "device",
            Self::Cookie => "cookie",
            Self::Reset => "reset",
            Self::NotMe => "notme",
        }
    }
}

/// A secret as its holder knows it. Only [`PlainSecret::reveal`] shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainSecret {
    pub kind: SecretKind,
    pub account: AccountId,
    bytes: [u8; 32],
}

impl PlainSecret {
    pub fn generate(kind: SecretKind, account: AccountId, moment: &Moment) -> Self {
        Self {
            kind,
            account,
            bytes: moment.random(),
        }
    }

    /// A secret that follows from another by a key of the server: the same every time.
    pub(crate) fn derive(kind: SecretKind, account: AccountId, key: &ServerKey, from: &[&[u8]]) -> Self {
        Self {
            kind,
            account,
            bytes: key.mac(from),
        }
    }

    /// A secret that names what it is for: an id and 128 bits of its HMAC, so that nothing has to be kept of it.
    pub(crate) fn naming(kind: SecretKind, account: AccountId, key: &ServerKey, id: Uuid) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(id.as_bytes());
        bytes[16..].copy_from_slice(&key.mac(&[account.0.as_bytes(), id.as_bytes()])[..16]);
        Self { kind, account, bytes }
    }

    /// What a secret made by [`PlainSecret::naming`] names; `None` where it is not ours. In constant time.
    pub(crate) fn named(&self, key: &ServerKey) -> Option<Uuid> {
        let id = Uuid::from_slice(&self.bytes[..16]).ok()?;
        let ours = Self::naming(self.kind, self.account, key, id);
        bool::from(ours.bytes.ct_eq(&self.bytes)).then_some(id)
    }

    /// `None` for anything that is not a well-formed secret of that kind.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        if parts.next() != Some(kind.prefix()) {
            return None;
        }
        let account = AccountId::from_suffix(parts.next()?)?;
        let secret = parts.next().filter(|secret| secret.len() == 43)?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { kind, account, bytes })
    }

    /// The text, for its holder only.
    pub fn reveal(&self) -> String {
        format!(
            "{}_{}_{}",
            self.kind.prefix(),
            self.account.suffix(),
            URL_SAFE_NO_PAD.encode(self.bytes)
        )
    }

    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&[
            self.kind.prefix().as_bytes(),
            self.account.0.as_bytes(),
            &self.bytes,
        ])
    }
}

impl fmt::Debug for PlainSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlainSecret({:?}, …)", self.kind)
    }
}

/// A secret as it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Binary)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl From<[u8; 32]> for SecretHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl ToSql<sql_types::Binary, Pg> for SecretHash {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <[u8] as ToSql<sql_types::Binary, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Binary, Pg> for SecretHash {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<sql_types::Binary, Pg>>::from_sql(bytes)?;
        Ok(Self(bytes.try_into().map_err(|_| "a hash of another length")?))
    }
}

/// A key that only the servers know; one is derived for each use from `VESTIBULE_SECRET`.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    pub fn new(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The key for one use, so that no two uses share one.
    pub(crate) fn for_use(&self, label: &str) -> Self {
        Self(self.mac(&[b"vestibule key", label.as_bytes()]))
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts, each with its length so that their borders count.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The same as base64url, for forms and cookies.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(parts))
    }

    /// Whether the tag is ours, in constant time.
    pub(crate) fn verify_tag(&self, tag: &str, parts: &[&[u8]]) -> bool {
        self.tag(parts).as_bytes().ct_eq(tag.as_bytes()).into()
    }

    /// ChaCha20-Poly1305 (RFC 8439): a fresh nonce, then the sealed text.
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

    fn made() -> (PlainSecret, Moment) {
        let moment = Clock::System.moment();
        let account = AccountId::new(&moment);
        (
            PlainSecret::generate(SecretKind::MagicLink, account, &moment),
            moment,
        )
    }

    #[test]
    fn a_secret_reads_back_and_names_its_account() {
        let (secret, _) = made();
        let text = secret.reveal();
        assert_eq!(text.len(), "link_".len() + 26 + 1 + 43);
        assert_eq!(
            PlainSecret::parse(SecretKind::MagicLink, &text),
            Some(secret.clone())
        );
        assert_eq!(PlainSecret::parse(SecretKind::Refresh, &text), None);
        assert_eq!(
            PlainSecret::parse(SecretKind::MagicLink, &text[..text.len() - 1]),
            None
        );
        assert_eq!(
            PlainSecret::parse(SecretKind::MagicLink, &format!("{text}=")),
            None
        );
    }

    #[test]
    fn a_secret_that_names_an_id_is_believed_by_its_key_and_account_only() {
        let moment = Clock::System.moment();
        let (key, account, id) = (ServerKey::new(b"key"), AccountId::new(&moment), moment.uuid());
        let secret = PlainSecret::naming(SecretKind::NotMe, account, &key, id);
        let read = PlainSecret::parse(SecretKind::NotMe, &secret.reveal()).expect("it reads back");
        assert_eq!(read.named(&key), Some(id));
        assert_eq!(read.named(&ServerKey::new(b"other")), None);
        let elsewhere = PlainSecret {
            account: AccountId::new(&moment),
            ..read.clone()
        };
        assert_eq!(elsewhere.named(&key), None);
        let mut other = read;
        other.bytes[3] ^= 1;
        assert_eq!(other.named(&key), None);
    }

    #[test]
    fn nothing_prints_a_secret() {
        let (secret, _) = made();
        let printed = format!("{secret:?} {:?} {:?}", secret.hash(), ServerKey::new(b"server"));
        let shown = secret.reveal();
        assert!(!printed.contains(&shown[32..]), "{printed}");
    }

    #[test]
    fn kind_and_account_are_part_of_the_hash() {
        let (secret, moment) = made();
        let other = PlainSecret {
            account: AccountId::new(&moment),
            ..secret.clone()
        };
        let kind = PlainSecret {
            kind: SecretKind::Refresh,
            ..secret.clone()
        };
        assert_ne!(secret.hash(), other.hash());
        assert_ne!(secret.hash(), kind.hash());
    }

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
