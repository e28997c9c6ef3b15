//! The six digits that are emailed with a link, or alone. They are derived from the challenge with a key of the server
//! (HMAC). They are not stored, and an email that is sent again contains the same digits (OWASP ASVS 5.0, 6.5.2 and 6.5.3).

use std::fmt;

use subtle::ConstantTimeEq;

use super::{VerifiedChallenge, attempt, locate};
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::base::secrets::ServerKey;
use crate::sign_in::attempt::count_or_refuse;
use crate::sign_in::attempt_log::{SignInAttempt, log_refused};
use crate::sign_in::challenge::model::{Challenge, CodeAttemptCount};
use crate::sign_in::keys::Keys;
use crate::sign_in::refusal::{Reason, Refusal};

/// How many digits: 20 bits at least (OWASP ASVS 5.0, 6.5.4).
pub(crate) const DIGITS: usize = 6;

/// Attempts at one code. There are a million codes, so one in 200,000 is guessed (OWASP ASVS 5.0, 6.5.4 and 6.6.3).
pub(crate) const MAX_ATTEMPTS: i16 = 5;

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

    /// The digits, to write them into the email.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digits in two groups, which are easier to read.
    pub(crate) fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(DIGITS / 2);
        format!("{first} {second}")
    }

    /// Whether `text` is this code, apart from spaces and dashes; in constant time.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let digits: String = text
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

/// A code as a caller sent it.
#[derive(Clone, Copy)]
pub struct SubmittedCode<'a> {
    /// The id of the challenge.
    pub challenge: &'a str,
    pub code: &'a str,
}

/// Signing in with the code of an email. Counts the attempt for the source and for the code, then compares. Runs in no
/// transaction; [`super::complete`] follows.
pub async fn verify<'a>(
    conn: &mut Conn,
    keys: &Keys,
    submitted: SubmittedCode<'_>,
    client: &'a Client,
    moment: &Moment,
) -> Result<Result<VerifiedChallenge<'a>, Refusal>> {
    let Some((account, audience, challenge)) = locate(conn, submitted.challenge).await? else {
        return Ok(Err(Reason::CodeInvalid.into()));
    };
    let code_attempt = CodeAttempt {
        attempt: SignInAttempt {
            account,
            audience,
            method: SignInMethod::Code,
            client,
        },
        challenge,
        code: submitted.code,
    };
    let (challenge, refusal) = match compare(conn, keys, &code_attempt, moment).await? {
        CodeComparison::Wrong(None, refusal) => return Ok(Err(refusal)),
        CodeComparison::Wrong(Some(challenge), refusal) => (challenge, refusal),
        CodeComparison::Right(challenge) => {
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

/// An attempt at the code of a challenge.
pub(crate) struct CodeAttempt<'a> {
    pub attempt: SignInAttempt<'a>,
    pub challenge: ChallengeId,
    pub code: &'a str,
}

/// The result of comparing a code.
pub(crate) enum CodeComparison {
    Right(Box<Challenge>),
    /// With its challenge if the refusal has to be logged.
    Wrong(Option<Box<Challenge>>, Refusal),
}

/// Counts the attempt for the source and for the code, then compares. Runs in no transaction.
pub(crate) async fn compare(
    conn: &mut Conn,
    keys: &Keys,
    code_attempt: &CodeAttempt<'_>,
    moment: &Moment,
) -> Result<CodeComparison> {
    let (account, id) = (code_attempt.attempt.account, code_attempt.challenge);
    if let Some(refusal) = count_or_refuse(conn, &code_attempt.attempt, moment).await? {
        return Ok(CodeComparison::Wrong(None, refusal));
    }
    let counted = Challenge::count_code_attempt(conn, account, id, moment.now).await?;
    let (challenge, reason) = match counted {
        CodeAttemptCount::Unknown => {
            return Ok(CodeComparison::Wrong(None, Reason::CodeInvalid.into()));
        }
        CodeAttemptCount::TooMany(challenge) => (challenge, Reason::TooManyAttempts),
        CodeAttemptCount::Ended(challenge) => (challenge, Reason::CodeExpired),
        CodeAttemptCount::Counted(challenge) => {
            let right = Code::of(&keys.code, account, id).matches(code_attempt.code);
            if right && (challenge.holder().is_some() || challenge.sign_up_email.is_some()) {
                return Ok(CodeComparison::Right(challenge));
            }
            (challenge, Reason::CodeInvalid)
        }
    };
    Ok(CodeComparison::Wrong(Some(challenge), reason.into()))
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
