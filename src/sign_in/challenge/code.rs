//! The six digits that are mailed beside a link, or alone. They follow from the challenge by a key of the server (HMAC): kept
//! nowhere, and the same in a mail that is sent twice (OWASP ASVS 5.0, 6.5.2 and 6.5.3).

use std::fmt;

use subtle::ConstantTimeEq;

use crate::base::ids::{AccountId, ChallengeId};
use crate::base::secrets::ServerKey;

/// How many digits: 20 bits at least (OWASP ASVS 5.0, 6.5.4).
pub const DIGITS: usize = 6;

#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub fn of(key: &ServerKey, account: AccountId, challenge: ChallengeId) -> Self {
        let mac = key.mac(&[account.0.as_bytes(), challenge.0.as_bytes()]);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&mac[..8]);
        // Of 2^64 numbers, the bias of the remainder is below one in 10^13.
        Self(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000))
    }

    /// The digits for their reader, and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// In two groups, as people read it.
    pub fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(DIGITS / 2);
        format!("{first} {second}")
    }

    /// Whether somebody typed it, spaces and dashes aside; in constant time.
    pub fn matches(&self, typed: &str) -> bool {
        let digits: String = typed
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'))
            .collect();
        self.0.as_bytes().ct_eq(digits.as_bytes()).into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_code_has_six_digits_and_belongs_to_its_challenge() {
        let moment = Clock::System.moment();
        let (key, account) = (ServerKey::new(b"key"), AccountId::new(&moment));
        for _ in 0..1_000 {
            let challenge = ChallengeId::new(&moment);
            let code = Code::of(&key, account, challenge);
            assert_eq!(code, Code::of(&key, account, challenge));
            let digits = code.reveal();
            assert_eq!(digits.len(), DIGITS);
            assert!(digits.bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(code.grouped(), format!("{} {}", &digits[..3], &digits[3..]));
            assert!(code.matches(&format!(" {}-{} ", &digits[..3], &digits[3..])));
            assert!(!code.matches(&digits[1..]));
            assert!(!code.matches(""));
            assert!(!format!("{code:?}").contains(digits));
        }
    }
}
