//! What an error code means: the table in the documentation of [`crate`].

use std::time::Duration;

use crate::SendError;
use crate::redact::redact;

/// A refusal, from an answer or a report.
pub(crate) struct Refusal<'a> {
    /// Status of the answer; none in a report.
    pub status: Option<u16>,
    /// The provider's code.
    pub code: Option<u32>,
    pub text: &'a str,
    pub retry_after: Option<Duration>,
}

#[derive(Clone, Copy)]
enum Verdict {
    Unreachable,
    Retry,
    InvalidNumber,
    Unsubscribed,
    Unsendable,
}

pub(crate) fn classify(refusal: &Refusal<'_>) -> SendError {
    let reason = reason(refusal);
    match verdict(refusal) {
        Verdict::Unreachable => SendError::Unreachable { reason },
        Verdict::Retry => SendError::Retry {
            reason,
            after: refusal.retry_after,
        },
        Verdict::InvalidNumber => SendError::InvalidNumber { reason },
        Verdict::Unsubscribed => SendError::Unsubscribed { reason },
        Verdict::Unsendable => SendError::Unsendable { reason },
    }
}

fn verdict(refusal: &Refusal<'_>) -> Verdict {
    let by_status = match refusal.status {
        Some(401 | 403) => Verdict::Unreachable,
        Some(408 | 429 | 500..) => Verdict::Retry,
        Some(_) | None => Verdict::Unsendable,
    };
    match refusal.code {
        Some(20_003 | 20_005 | 20_008 | 20_404) => Verdict::Unreachable,
        Some(14_107 | 20_429 | 21_611 | 30_001 | 30_002 | 30_003 | 30_008 | 30_017 | 30_022 | 30_410) => {
            Verdict::Retry
        }
        Some(21_212 | 21_603 | 21_606 | 21_659 | 21_660 | 21_703..=21_705) => Verdict::Retry,
        Some(21_211 | 21_214 | 21_217 | 21_401 | 21_614 | 30_005 | 30_006) => Verdict::InvalidNumber,
        Some(21_610) => Verdict::Unsubscribed,
        Some(_) | None => by_status,
    }
}

fn reason(refusal: &Refusal<'_>) -> String {
    let number = refusal.code.or(refusal.status.map(u32::from));
    let text = if refusal.text.trim().is_empty() {
        refusal
            .code
            .and_then(meaning)
            .unwrap_or("the provider gives no reason")
    } else {
        refusal.text
    };
    match number {
        Some(number) => redact(&format!("{number}: {text}")),
        None => redact(text),
    }
}

/// Reports have no text.
fn meaning(code: u32) -> Option<&'static str> {
    Some(match code {
        21_610 => "the recipient has unsubscribed by STOP",
        30_001 => "the provider's queue is full",
        30_002 => "the provider's account is suspended",
        30_003 => "the phone is switched off or out of reach",
        30_004 => "the recipient's phone or network blocks the message",
        30_005 => "the number is unknown",
        30_006 => "the number is a landline or its network is out of reach",
        30_007 => "the network filtered the message",
        30_008 => "the network gives no reason",
        30_017 => "the network is congested",
        30_022 => "messages are sent too fast",
        30_410 => "the network did not answer in time",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(status: Option<u16>, code: Option<u32>) -> SendError {
        classify(&Refusal {
            status,
            code,
            text: "",
            retry_after: None,
        })
    }

    #[test]
    fn each_code_has_its_verdict() {
        for code in [20_003, 20_404] {
            assert!(
                matches!(by(Some(401), Some(code)), SendError::Unreachable { .. }),
                "{code}"
            );
        }
        for code in [20_429, 21_606, 21_611, 30_001, 30_003] {
            assert!(
                matches!(by(Some(400), Some(code)), SendError::Retry { .. }),
                "{code}"
            );
        }
        for code in [21_211, 21_614, 30_005, 30_006] {
            assert!(
                matches!(by(Some(400), Some(code)), SendError::InvalidNumber { .. }),
                "{code}"
            );
        }
        assert!(matches!(
            by(Some(400), Some(21_610)),
            SendError::Unsubscribed { .. }
        ));
        for code in [21_408, 21_602, 21_608, 21_617, 30_004, 30_007, 99_999] {
            assert!(
                matches!(by(Some(400), Some(code)), SendError::Unsendable { .. }),
                "{code}"
            );
        }
    }

    #[test]
    fn without_a_code_the_status_counts() {
        assert!(matches!(by(Some(401), None), SendError::Unreachable { .. }));
        for status in [408, 429, 500, 503] {
            assert!(
                matches!(by(Some(status), None), SendError::Retry { .. }),
                "{status}"
            );
        }
        assert!(matches!(by(Some(400), None), SendError::Unsendable { .. }));
        assert_eq!(by(Some(503), None).reason(), "503: the provider gives no reason");
        assert_eq!(by(None, Some(30_005)).reason(), "30005: the number is unknown");
    }
}
