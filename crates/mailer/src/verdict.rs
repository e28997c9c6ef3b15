//! Whose fault a refusal is: the table of [`crate`], as code.

use super::SendError;
use super::reason::scrub;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    Tls,
    Auth,
    Sender,
    Recipient,
    Data,
    Content,
}

impl Stage {
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
pub(super) fn of_reply(stage: Stage, reply: &Reply<'_>, recipient: &str) -> SendError {
    let reason = scrub(&format!("{} {}", reply.code, reply.text), Some(recipient));
    match stage {
        _ if blames_recipient(stage, reply) => SendError::Rejected { reason },
        Stage::Tls | Stage::Auth => retry(format!("{}: {reason}", stage.description())),
        _ => retry(reason),
    }
}

/// Classifies a failure without a reply.
pub(super) fn of_break(stage: Stage, cause: &str) -> SendError {
    retry(format!("{}: {cause}", stage.description()))
}

fn retry(reason: String) -> SendError {
    SendError::Retry {
        reason: scrub(&reason, None),
    }
}

fn blames_recipient(stage: Stage, reply: &Reply<'_>) -> bool {
    let after_rcpt = stage == Stage::Recipient;
    if reply.code < 500 || !(after_rcpt || stage == Stage::Content) {
        return false;
    }
    let text = reply.text.to_ascii_lowercase();
    match enhanced(reply.text) {
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
        None => after_rcpt && matches!(reply.code, 501 | 550 | 551 | 553 | 554 | 556) && !names_sender(&text),
    }
}

/// Older servers say only in words that they refuse the sender.
fn names_sender(lower: &str) -> bool {
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
    WORDS.iter().any(|word| lower.contains(word))
}

/// Subject and detail of an enhanced code of class 5: at the beginning (RFC 2034, section 4), or anywhere after a `#`, as
/// older servers write it.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let marked = text.match_indices('#').map(|(at, _)| &text[at + 1..]);
    std::iter::once(text.trim_start())
        .chain(marked)
        .find_map(leading_code)
}

fn leading_code(text: &str) -> Option<(u16, u16)> {
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
    use super::{Reply, Stage, of_break, of_reply};
    use crate::SendError;

    fn rejected(stage: Stage, reply: &str) -> bool {
        let (code, text) = reply.split_once(' ').expect("a code and a text");
        let code = code.parse().expect("a code");
        match of_reply(stage, &Reply { code, text }, "maria@example.com") {
            SendError::Rejected { .. } => true,
            SendError::Retry { .. } => false,
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
            assert!(rejected(Stage::Recipient, reply), "{reply}");
        }
        assert!(rejected(Stage::Content, "550 5.1.1 No such user"));
    }

    #[test]
    fn what_is_ours_or_passes_is_tried_again() {
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
            assert!(!rejected(Stage::Recipient, reply), "{reply}");
        }
    }

    #[test]
    fn before_rcpt_nothing_is_the_recipients_fault() {
        let reply = "550 5.1.1 User unknown";
        for stage in [
            Stage::Connect,
            Stage::Tls,
            Stage::Auth,
            Stage::Sender,
            Stage::Data,
        ] {
            assert!(!rejected(stage, reply), "{stage:?}");
        }
        for reply in [
            "550 No such user",
            "554 Transaction failed",
            "550 5.5.0 no",
            "550 5.4.1 no",
        ] {
            assert!(!rejected(Stage::Content, reply), "{reply}");
        }
    }

    #[test]
    fn an_ip_address_is_no_enhanced_code() {
        assert!(rejected(Stage::Recipient, "550 5.7.1.9 has no such user"));
        assert!(!rejected(Stage::Recipient, "550 5.7.1: no such user"));
    }

    #[test]
    fn reasons_say_the_code_and_hide_the_address() {
        let reply = Reply {
            code: 550,
            text: "5.1.1 <maria@example.com> unknown, see https://x.example/y",
        };
        let error = of_reply(Stage::Recipient, &reply, "maria@example.com");
        assert_eq!(error.reason(), "550 5.1.1 <m***@example.com> unknown, see [link]");
        let reply = Reply {
            code: 535,
            text: "5.7.8 bad credentials",
        };
        let error = of_reply(Stage::Auth, &reply, "maria@example.com");
        assert_eq!(
            error.reason(),
            "signing in to the mail server failed: 535 5.7.8 bad credentials"
        );
        let error = of_break(Stage::Connect, "Connection refused (os error 111)");
        assert_eq!(
            error.reason(),
            "the mail server could not be reached: Connection refused (os error 111)"
        );
    }
}
