//! Secrets: plain and hashed ones are different types, and neither can be printed by accident.
//!
//! An opaque secret has the form `<kind>_<account>_<43 base64url>`: scanners recognise it, and the account is known before the
//! look-up. It contains 256 random bits, so a plain SHA-256 is enough at rest (OWASP ASVS 5.0, 6.5.2 and 6.5.3).

mod hash;
mod mask;
mod server_key;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::base::clock::Moment;
use crate::base::ids::AccountId;
pub use hash::SecretHash;
pub(crate) use mask::{MASK, mask_secrets};
pub use server_key::ServerKey;

/// What a secret is for: its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    MagicLink,
    StaffLink,
    Refresh,
    ApiKey,
    /// Identifies the device that requested a sign-in.
    Device,
    /// The session of a browser.
    Cookie,
    /// Allows a password reset.
    Reset,
    /// Reports "This wasn't me" for a message.
    NotMe,
    /// Unsubscribes from marketing emails, for a message.
    Unsubscribe,
    /// Opens the portal as a contact sees it, for a team member.
    ViewLink,
    /// A team member's view of the portal in a browser.
    View,
}

impl SecretKind {
    const ALL: [Self; 11] = [
        Self::MagicLink,
        Self::StaffLink,
        Self::Refresh,
        Self::ApiKey,
        Self::Device,
        Self::Cookie,
        Self::Reset,
        Self::NotMe,
        Self::Unsubscribe,
        Self::ViewLink,
        Self::View,
    ];

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
            Self::Unsubscribe => "unsubscribe",
            Self::ViewLink => "viewas",
            Self::View => "view",
        }
    }
}

/// A secret in plain form. Only [`PlainSecret::reveal`] shows it.
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

    /// A secret derived from other values with a key of the server: always the same for the same values.
    pub(crate) fn derive(kind: SecretKind, account: AccountId, key: &ServerKey, input: &[&[u8]]) -> Self {
        Self {
            kind,
            account,
            bytes: key.mac(input),
        }
    }

    /// A secret that contains an id and 128 bits of its HMAC, so nothing has to be stored to verify it.
    pub(crate) fn for_id(kind: SecretKind, account: AccountId, key: &ServerKey, id: Uuid) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(id.as_bytes());
        bytes[16..].copy_from_slice(&key.mac(&[account.0.as_bytes(), id.as_bytes()])[..16]);
        Self { kind, account, bytes }
    }

    /// The id of a secret created by [`PlainSecret::for_id`]; `None` if its HMAC is wrong. In constant time.
    pub(crate) fn verified_id(&self, key: &ServerKey) -> Option<Uuid> {
        let id = Uuid::from_slice(&self.bytes[..16]).ok()?;
        let expected = Self::for_id(self.kind, self.account, key, id);
        bool::from(expected.bytes.ct_eq(&self.bytes)).then_some(id)
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

    /// The text, to be shown to its holder only.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    fn generate() -> (PlainSecret, Moment) {
        let moment = Clock::System.moment();
        let account = AccountId::new(&moment);
        (
            PlainSecret::generate(SecretKind::MagicLink, account, &moment),
            moment,
        )
    }

    #[test]
    fn a_secret_parses_back_and_contains_its_account() {
        let (secret, _) = generate();
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
    fn an_id_is_verified_with_its_own_key_and_account_only() {
        let moment = Clock::System.moment();
        let (key, account, id) = (ServerKey::new(b"key"), AccountId::new(&moment), moment.uuid());
        let secret = PlainSecret::for_id(SecretKind::NotMe, account, &key, id);
        let parsed = PlainSecret::parse(SecretKind::NotMe, &secret.reveal()).expect("it parses");
        assert_eq!(parsed.verified_id(&key), Some(id));
        assert_eq!(parsed.verified_id(&ServerKey::new(b"other")), None);
        let other_account = PlainSecret {
            account: AccountId::new(&moment),
            ..parsed.clone()
        };
        assert_eq!(other_account.verified_id(&key), None);
        let mut changed = parsed;
        changed.bytes[3] ^= 1;
        assert_eq!(changed.verified_id(&key), None);
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let (secret, _) = generate();
        let printed = format!("{secret:?} {:?} {:?}", secret.hash(), ServerKey::new(b"server"));
        let shown = secret.reveal();
        assert!(!printed.contains(&shown[32..]), "{printed}");
    }

    #[test]
    fn kind_and_account_are_part_of_the_hash() {
        let (secret, moment) = generate();
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
}
