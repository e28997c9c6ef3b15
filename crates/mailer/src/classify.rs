//! Classifies failures as bounces or retries: the table in the documentation of [`crate`].

use super::SendError;
use super::redact::redact;

/// The stage of an SMTP session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SmtpStage {
    Connect,
    Tls,
    Auth,
    Sender,
    Recipient,
    Data,
    Content,
}

impl SmtpStage {
    pub fn description(self) -> &'static str {
        match self {
            Self::Connect => "the mail server could not be reached",
            Self::Tls => "TLS with the mail server failed",
            Self::Auth => "signing in to the mail server failed",
            Self::Sender | Self::Recipient | Self::Data | Self::Content => {
                "the connection to the mail server broke"
            }
        }
    }
}

/// A server's reply.
pub(super) struct Reply<'a> {
    pub code: u16,
    pub text: &'a str,
}

/// Classifies a negative reply.
pub(super) fn classify_reply(stage: SmtpStage, reply: &Reply<'_>, recipient: &str) -> SendError {
    let reason = redact(&format!("{} {}", reply.code, reply.text), Some(recipient));
    match stage {
        _ if rejects_recipient(stage, reply) => SendError::Rejected { reason },
        SmtpStage::Connect | SmtpStage::Tls | SmtpStage::Auth => SendError::Unreachable {
            reason: format!("{}: {reason}", stage.description()),
        },
        SmtpStage::Sender | SmtpStage::Recipient | SmtpStage::Data | SmtpStage::Content => {
            SendError::Retry { reason }
        }
    }
}

/// Classifies a failure without a reply.
pub(super) fn classify_disconnect(stage: SmtpStage, cause: &str) -> SendError {
    let reason = redact(&format!("{}: {cause}", stage.description()), None);
    match stage {
        SmtpStage::Connect | SmtpStage::Tls | SmtpStage::Auth => SendError::Unreachable { reason },
        SmtpStage::Sender | SmtpStage::Recipient | SmtpStage::Data | SmtpStage::Content => {
            SendError::Retry { reason }
        }
    }
}

/// Classifies a delivery report by its fields `Status` and `Diagnostic-Code`. The remote server's own enhanced code counts
/// more than the status, which some servers always give as 5.0.0. Without any such code, the report may be about the
/// contents as well as about the recipient.
pub(super) fn classify_report(status: &str, diagnostic: &str, recipient: &str) -> SendError {
    let (code, reply) = split_reply(diagnostic);
    let text = if has_enhanced_code(&reply) || status.is_empty() {
        reply
    } else {
        format!("{status} {reply}")
    };
    let reason = match code {
        Some(code) => format!("{code} {text}"),
        None => text.clone(),
    };
    let reason = match redact(&reason, Some(recipient)) {
        empty if empty.is_empty() => "the report gives no reason".to_owned(),
        reason => reason,
    };
    let reply = Reply {
        code: code.unwrap_or(500),
        text: &text,
    };
    let permanent = status.is_empty() || status.starts_with('5');
    if permanent && enhanced_code(&text).is_some() && rejects_recipient(SmtpStage::Recipient, &reply) {
        SendError::Rejected { reason }
    } else {
        SendError::Retry { reason }
    }
}

/// The code of a reply and its text, without the code at the beginning of its other lines.
fn split_reply(diagnostic: &str) -> (Option<u16>, String) {
    let code = diagnostic.get(..3).and_then(|code| code.parse().ok());
    let rest = diagnostic.get(3..).and_then(|rest| rest.strip_prefix([' ', '-']));
    match (code, rest) {
        (Some(code), Some(rest)) => {
            let continued = format!("{code}-");
            let words = rest
                .split_whitespace()
                .filter(|word| !word.starts_with(&continued));
            (Some(code), words.collect::<Vec<_>>().join(" "))
        }
        _ => (None, diagnostic.to_owned()),
    }
}

/// Whether a reply begins with an enhanced code, of whatever class.
fn has_enhanced_code(text: &str) -> bool {
    let code = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()
        .unwrap_or_default();
    code.split('.').filter(|part| !part.is_empty()).count() == 3 || enhanced_code(text).is_some()
}

fn rejects_recipient(stage: SmtpStage, reply: &Reply<'_>) -> bool {
    let after_rcpt = stage == SmtpStage::Recipient;
    if reply.code < 500 || !(after_rcpt || stage == SmtpStage::Content) {
        return false;
    }
    let text = reply.text.to_ascii_lowercase();
    match enhanced_code(reply.text) {
        // Postfix delays its check of the sender until RCPT.
        Some(_) if text.contains("sender address rejected") => false,
        Some((subject, detail)) => match subject {
            1 => !matches!(detail, 4 | 7 | 8),
            2 => matches!(detail, 0 | 1),
            4 => after_rcpt && matches!(detail, 1 | 4),
            5 => after_rcpt && detail == 0 && reply.code == 550,
            7 => matches!(detail, 17 | 18),
            _ => false,
        },
        None => {
            after_rcpt && matches!(reply.code, 501 | 550 | 551 | 553 | 554 | 556) && !mentions_sender(&text)
        }
    }
}

/// Older servers have no code for refusing the sender.
fn mentions_sender(lowercase: &str) -> bool {
    const WORDS: [&str; 10] = [
        "relay",
        "rcpthosts",
        "authenticat",
        "sender",
        "spam",
        "block",
        "black",
        "listed",
        "polic",
        "client host",
    ];
    WORDS.iter().any(|word| lowercase.contains(word))
}

/// Subject and detail of an enhanced code of class 5: at the beginning (RFC 2034, section 4), or anywhere after a `#`, as
/// older servers write it.
fn enhanced_code(text: &str) -> Option<(u16, u16)> {
    let marked = text.match_indices('#').map(|(at, _)| &text[at + 1..]);
    std::iter::once(text.trim_start())
        .chain(marked)
        .find_map(parse_leading_code)
}

fn parse_leading_code(text: &str) -> Option<(u16, u16)> {
    let code = text.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let mut parts = code.trim_end_matches('.').split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    if class != "5" || parts.next().is_some() || subject.len() > 3 || detail.len() > 3 {
        return None;
    }
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Reply, SmtpStage, classify_disconnect, classify_reply};
    use crate::SendError;

    fn rejected(stage: SmtpStage, reply: &str) -> bool {
        let (code, text) = reply.split_once(' ').expect("a code and a text");
        let code = code.parse().expect("a code");
        match classify_reply(stage, &Reply { code, text }, "maria@example.com") {
            SendError::Rejected { .. } => true,
            SendError::Unreachable { .. } | SendError::Retry { .. } => false,
            SendError::Unsendable { reason } => panic!("{reason}"),
        }
    }

    #[test]
    fn refusals_of_the_recipient_are_bounces() {
        for reply in [
            "550 5.1.1 <maria@example.com>: User unknown in relay recipient table",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
            "550 #5.1.0 Address rejected.",
            "556 5.1.10 Recipient address has null MX",
            "501 5.1.3 Bad recipient address syntax",
            "550 5.2.1 The email account that you tried to reach is disabled",
            "550 5.4.1 Recipient address rejected: Access denied",
            "550 5.5.0 Requested action not taken: mailbox unavailable",
            "550 5.7.17 Mailbox owner has changed",
            "550 No such user here",
            "551 User not local; please try somebody else",
            "553 Mailbox name not allowed",
            "554 delivery error: This user doesn't have an account",
        ] {
            assert!(rejected(SmtpStage::Recipient, reply), "{reply}");
        }
        assert!(rejected(SmtpStage::Content, "550 5.1.1 No such user"));
    }

    #[test]
    fn temporary_failures_and_refusals_of_the_sender_are_retried() {
        for reply in [
            "450 4.2.0 Greylisted",
            "451 4.7.1 Try again later",
            "452 4.2.2 Mailbox full",
            "550 5.1.8 Sender's domain not found",
            "550 5.1.0 <portal@mail.acme.example>: Sender address rejected: User unknown",
            "552 5.2.2 Mailbox full",
            "552 Requested mail action aborted: exceeded storage allocation",
            "554 5.3.4 Message too big for system",
            "550 5.5.1 Bad sequence",
            "503 5.5.0 Bad sequence",
            "550 5.7.1 Relaying denied",
            "554 5.7.1 Service unavailable; Client host blocked",
            "550 relay not permitted",
            "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
            "550 authentication required",
            "554 192.0.2.7 listed at dnsbl.example",
            "530 5.7.0 Must issue a STARTTLS command first",
            "500 what?",
        ] {
            assert!(!rejected(SmtpStage::Recipient, reply), "{reply}");
        }
    }

    #[test]
    fn a_refusal_before_rcpt_is_never_a_bounce() {
        let reply = "550 5.1.1 User unknown";
        for stage in [
            SmtpStage::Connect,
            SmtpStage::Tls,
            SmtpStage::Auth,
            SmtpStage::Sender,
            SmtpStage::Data,
        ] {
            assert!(!rejected(stage, reply), "{stage:?}");
        }
        for reply in [
            "550 No such user",
            "554 Transaction failed",
            "550 5.5.0 no",
            "550 5.4.1 no",
        ] {
            assert!(!rejected(SmtpStage::Content, reply), "{reply}");
        }
    }

    #[test]
    fn a_code_of_four_parts_is_not_an_enhanced_code() {
        assert!(rejected(SmtpStage::Recipient, "550 5.7.1.9 has no such user"));
        assert!(!rejected(SmtpStage::Recipient, "550 5.7.1: no such user"));
    }

    #[test]
    fn reasons_contain_the_code_and_mask_the_address() {
        let reply = Reply {
            code: 550,
            text: "5.1.1 <maria@example.com> unknown, see https://x.example/y",
        };
        let error = classify_reply(SmtpStage::Recipient, &reply, "maria@example.com");
        assert_eq!(error.reason(), "550 5.1.1 <m***@example.com> unknown, see [link]");
        let reply = Reply {
            code: 535,
            text: "5.7.8 bad credentials",
        };
        let error = classify_reply(SmtpStage::Auth, &reply, "maria@example.com");
        assert_eq!(
            error.reason(),
            "signing in to the mail server failed: 535 5.7.8 bad credentials"
        );
        let error = classify_disconnect(SmtpStage::Connect, "Connection refused (os error 111)");
        assert_eq!(
            error.reason(),
            "the mail server could not be reached: Connection refused (os error 111)"
        );
    }
}
