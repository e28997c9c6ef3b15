use mail_parser::{Message, MessageParser, MimeHeaders};

use super::encode;
use crate::email::tests::email;
use crate::{AutoSubmitted, Email, SendError};

pub(super) fn bytes(email: &Email) -> Vec<u8> {
    encode(email)
        .unwrap_or_else(|error| panic!("{error}"))
        .content
        .into_bytes()
}

pub(super) fn parse(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

pub(super) fn raw_header<'a>(message: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}

pub(super) fn refusal(email: &Email) -> String {
    match encode(email) {
        Err(SendError::Unsendable { reason }) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(message) => panic!("{}", message.content),
    }
}

#[test]
fn every_header_occurs_once_and_text_comes_before_html() {
    let bytes = bytes(&email());
    let message = parse(&bytes);
    assert_eq!(
        raw_header(&message, "From"),
        Some("Acme <portal@mail.acme.example>")
    );
    assert_eq!(
        raw_header(&message, "Message-ID"),
        Some("<msg_01@mail.acme.example>")
    );
    assert_eq!(
        raw_header(&message, "Date"),
        Some("Sun, 23 Nov 2025 10:00:00 +0000")
    );
    assert_eq!(raw_header(&message, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(raw_header(&message, "X-Auto-Response-Suppress"), Some("All"));
    assert_eq!(raw_header(&message, "MIME-Version"), Some("1.0"));
    assert_eq!(raw_header(&message, "List-Unsubscribe"), None);
    assert_eq!(raw_header(&message, "List-Unsubscribe-Post"), None);
    let mut names: Vec<_> = message
        .headers_raw()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "a header is repeated");
    let types: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| part.content_type())
        .collect();
    let types: Vec<_> = types
        .iter()
        .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("")))
        .collect();
    assert_eq!(types, ["multipart/alternative", "text/plain", "text/html"]);
}

#[test]
fn the_cause_determines_auto_submitted() {
    for (auto_submitted, header, suppress) in [
        (AutoSubmitted::Generated, Some("auto-generated"), Some("All")),
        (AutoSubmitted::Replied, Some("auto-replied"), Some("All")),
        (AutoSubmitted::No, None, None),
    ] {
        let bytes = bytes(&Email {
            auto_submitted,
            ..email()
        });
        let message = parse(&bytes);
        assert_eq!(raw_header(&message, "Auto-Submitted"), header);
        assert_eq!(raw_header(&message, "X-Auto-Response-Suppress"), suppress);
    }
}

#[test]
fn one_click_unsubscribe_needs_https() {
    let long = format!("https://portal.acme.example/u/{}", "aB3-".repeat(50));
    for (target, post) in [
        (long.as_str(), Some("List-Unsubscribe=One-Click")),
        ("http://127.0.0.1:8080/u/x", None),
        ("mailto:leave@acme.example?subject=out", None),
    ] {
        let bytes = bytes(&Email {
            list_unsubscribe: Some(target.into()),
            ..email()
        });
        let message = parse(&bytes);
        assert_eq!(
            raw_header(&message, "List-Unsubscribe"),
            Some(format!("<{target}>").as_str()),
            "neither folded nor encoded"
        );
        assert_eq!(raw_header(&message, "List-Unsubscribe-Post"), post);
    }
    for target in [
        "https://a.example/\r\nBcc: eve@example.com",
        "https://a.example/>,<https://b.example",
        "javascript:1",
        "x",
        "",
    ] {
        let reason = refusal(&Email {
            list_unsubscribe: Some(target.into()),
            ..email()
        });
        assert!(reason.contains("unsubscribe"), "{target:?}: {reason}");
    }
}

#[test]
fn nul_in_a_body_is_refused_and_line_endings_become_crlf() {
    assert!(
        refusal(&Email {
            text: "a\0b".into(),
            ..email()
        })
        .contains("text part")
    );
    assert!(
        refusal(&Email {
            html: "a\0b".into(),
            ..email()
        })
        .contains("HTML part")
    );
    let bytes = bytes(&Email {
        text: "a\r\nb\nc\rd\n.\n.e\nFrom f\n".into(),
        ..email()
    });
    assert!(!bytes.windows(3).any(|w| w == b"\r\r\n"));
    assert!(
        bytes
            .iter()
            .enumerate()
            .all(|(at, b)| *b != b'\n' || bytes[at - 1] == b'\r'),
        "a bare LF"
    );
    let text = parse(&bytes).body_text(0).expect("text").replace("\r\n", "\n");
    assert_eq!(text.trim_end(), "a\nb\nc\nd\n.\n.e\nFrom f");
}

#[test]
fn lines_stay_within_the_length_limit() {
    let wide = "wörter ".repeat(500);
    let email = Email {
        text: wide.clone(),
        html: wide.clone(),
        subject: "Wörter ".repeat(40),
        ..email()
    };
    let bytes = bytes(&email);
    assert!(bytes.is_ascii(), "needs no 8BITMIME");
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
    let message = parse(&bytes);
    assert_eq!(message.body_text(0).expect("text").trim_end(), wide.trim_end());
    assert_eq!(message.subject(), Some(email.subject.trim_end()));
}

#[test]
fn the_same_email_gives_the_same_bytes() {
    assert_eq!(bytes(&email()), bytes(&email()));
    assert_ne!(
        bytes(&email()),
        bytes(&Email {
            message_id: "msg_02@mail.acme.example".into(),
            ..email()
        })
    );
}
