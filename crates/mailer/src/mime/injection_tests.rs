//! No user input becomes a header.

use chrono::DateTime;
use mail_parser::HeaderValue;
use proptest::prelude::*;

use super::encode;
use super::tests::*;
use crate::email::tests::email;
use crate::{Email, Mailbox};

#[test]
fn control_characters_are_refused_and_named() {
    for bad in [
        "\r\nBcc: eve@example.com",
        "\nX: y",
        "\r",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\t",
    ] {
        let name = format!("Acme{bad}x");
        let address = format!("maria@example.com{bad}");
        let cases: [(&str, Email); 7] = [
            (
                "From name",
                Email {
                    from: Mailbox::named(&name, "portal@mail.acme.example"),
                    ..email()
                },
            ),
            (
                "To name",
                Email {
                    to: Mailbox::named(&name, "maria@example.com"),
                    ..email()
                },
            ),
            (
                "Reply-To name",
                Email {
                    reply_to: Some(Mailbox::named(&name, "help@acme.example")),
                    ..email()
                },
            ),
            (
                "From address",
                Email {
                    from: Mailbox::new(&address),
                    ..email()
                },
            ),
            (
                "To address",
                Email {
                    to: Mailbox::new(&address),
                    ..email()
                },
            ),
            (
                "subject",
                Email {
                    subject: name.clone(),
                    ..email()
                },
            ),
            (
                "Message-ID",
                Email {
                    message_id: format!("msg{bad}@acme.example"),
                    ..email()
                },
            ),
        ];
        for (field, email) in cases {
            let reason = refusal(&email);
            assert!(reason.contains(field), "{bad:?} in {field}: {reason}");
            assert!(!reason.contains("maria") && !reason.contains("eve"), "{reason}");
        }
    }
}

#[test]
fn unusual_names_stay_names() {
    for name in [
        "O'Neil, \"The\" <eve@example.com>",
        "Zoë Müller-李 🎓",
        "a\\b\"c",
        "  Acme  ",
        "=?utf-8?q?x?=",
        "Bcc: x",
    ] {
        let bytes = bytes(&Email {
            from: Mailbox::named(name, "portal@mail.acme.example"),
            ..email()
        });
        let message = parse(&bytes);
        let from = message.from().expect("From");
        assert_eq!(from.iter().count(), 1, "{name}");
        let first = from.first().expect("an address");
        assert_eq!(first.address(), Some("portal@mail.acme.example"), "{name}");
        if !name.starts_with("=?") {
            assert_eq!(
                first.name(),
                Some(name.trim()),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        assert!(message.bcc().is_none());
    }
    let unnamed = bytes(&Email {
        from: Mailbox::named("  ", "portal@mail.acme.example"),
        ..email()
    });
    assert_eq!(
        raw_header(&parse(&unnamed), "From"),
        Some("portal@mail.acme.example")
    );
}

#[test]
fn invalid_addresses_are_refused() {
    for bad in [
        "",
        "maria",
        "maria@",
        "@example.com",
        "a b@example.com",
        "a@b@c.example",
        "<maria@example.com>",
        "maria@example.com, eve@example.com",
    ] {
        let reason = refusal(&Email {
            to: Mailbox::new(bad),
            ..email()
        });
        assert_eq!(reason, "the To address is not an email address", "{bad:?}");
    }
    for non_ascii in ["maria@exämple.com", "élodie@example.com"] {
        let reason = refusal(&Email {
            to: Mailbox::new(non_ascii),
            ..email()
        });
        assert_eq!(
            reason,
            "the To address must be ASCII, its domain in the form xn--"
        );
    }
}

#[test]
fn dates_outside_the_format_are_refused() {
    for seconds in [-1, 253_402_300_800] {
        let date = DateTime::from_timestamp(seconds, 0).expect("a time");
        assert!(refusal(&Email { date, ..email() }).contains("date"));
    }
}

proptest! {
    #[test]
    fn no_value_injects_a_header(name in "(?s).{0,60}", subject in "(?s).{0,200}") {
        let email = Email { to: Mailbox::named(name.clone(), "maria@example.com"), subject: subject.clone(), ..email() };
        if let Ok(encoded) = encode(&email) {
            let message = parse(encoded.content.as_bytes());
            let names: Vec<_> = message.headers_raw().map(|(name, _)| name).collect();
            let expected = ["From", "To", "Subject", "Message-ID", "Date", "Reply-To", "Auto-Submitted",
                "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];
            prop_assert_eq!(names, expected);
            prop_assert!(matches!(message.header("To"), Some(HeaderValue::Address(to)) if to.iter().count() == 1));
        }
    }
}
