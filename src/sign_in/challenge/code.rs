//! The six digits that are emailed with a link, or alone. They are derived from the challenge with a key of the server (HMAC):
//! stored nowhere, and the same in an email that is sent twice (OWASP ASVS 5.0, 6.5.2 and 6.5.3).

use std::fmt;

use subtle::ConstantTimeEq;

use super::{VerifiedChallenge, attempt, locate};
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::base::secrets::ServerKey;
use crate::sign_in::attempt::count_source;
use crate::sign_in::attempt_log::{Attempt, log_refused};
use crate::sign_in::challenge::model::{Challenge, Tried};
use crate::sign_in::keys::Keys;
use crate::sign_in::refusal::{Reason, Refusal};

/// How many digits: 20 bits at least (OWASP ASVS 5.0, 6.5.4).
pub(crate) const DIGITS: usize = 6;

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

    /// The digits, for the email's reader only.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// In two groups, as people read it.
    pub(crate) fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(DIGITS / 2);
        format!("{first} {second}")
    }

    /// Whether `typed` is this code, apart from spaces and dashes; in constant time.
    pub(crate) fn matches(&self, typed: &str) -> bool {
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

/// Signing in with the code of an email: `challenge` is the id that the request for it returned. Counts the attempt, of the
/// source and at the code, then compares. In no transaction; [`super::complete`] is the other half.
pub async fn verify<'a>(
    conn: &mut Conn,
    keys: &Keys,
    (challenge, typed): (&str, &str),
    client: &'a Client,
    moment: &Moment,
) -> Result<Result<VerifiedChallenge<'a>, Refusal>> {
    let Some((account, audience, id)) = locate(conn, challenge).await? else {
        return Ok(Err(Reason::CodeInvalid.into()));
    };
    let of_source = Attempt {
        account,
        audience,
        method: SignInMethod::Code,
        client,
    };
    let (challenge, refusal) = match compare(conn, keys, &of_source, (id, typed), moment).await? {
        Compared::Wrong(None, refusal) => return Ok(Err(refusal)),
        Compared::Wrong(Some(challenge), refusal) => (challenge, refusal),
        Compared::Right(challenge) => {
            return Ok(Ok(VerifiedChallenge {
                challenge,
                method: SignInMethod::Code,
                client,
            }));
        }
    };
    let attempt = attempt(&challenge, SignInMethod::Code, client);
    log_refused(conn, &attempt, challenge.holder(), refusal.reason, moment).await?;
    Ok(Err(refusal))
}

/// The result of comparing a typed code.
pub(crate) enum Compared {
    Right(Box<Challenge>),
    /// With its challenge, if the refusal is to be logged.
    Wrong(Option<Box<Challenge>>, Refusal),
}

/// Counts the attempt, of the source and at the code, then compares. In no transaction.
pub(crate) async fn compare(
    conn: &mut Conn,
    keys: &Keys,
    attempt: &Attempt<'_>,
    (id, typed): (ChallengeId, &str),
    moment: &Moment,
) -> Result<Compared> {
    let account = attempt.account;
    if let Some(refusal) = count_source(conn, attempt, moment).await? {
        return Ok(Compared::Wrong(None, refusal));
    }
    let (challenge, reason) = match Challenge::take_try(conn, account, id, moment.now).await? {
        Tried::Unknown => return Ok(Compared::Wrong(None, Reason::CodeInvalid.into())),
        Tried::TooMany(challenge) => (challenge, Reason::TooManyAttempts),
        Tried::Over(challenge) => (challenge, Reason::CodeExpired),
        Tried::Counted(challenge) => {
            let right = Code::of(&keys.code, account, id).matches(typed);
            if right && challenge.holder().is_some() {
                return Ok(Compared::Right(challenge));
            }
            (challenge, Reason::CodeInvalid)
        }
    };
    Ok(Compared::Wrong(Some(challenge), reason.into()))
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
