//! Letters hold whatever names and notes people write, and load nothing.

use mail_parser::decoders::html::html_to_text;

use super::tests::*;
use super::{Frame, Letter, LetterError, Rendered, Section};

#[test]
fn html_has_one_link_and_loads_nothing() {
    for letter in all(frame()) {
        let Rendered { html, .. } = render(&letter);
        assert_eq!(html.matches("<a ").count(), 1);
        assert!(html.contains("<html lang=\"en\">"));
        assert_eq!(html.matches("href=").count(), 1);
        assert!(
            html.contains(&format!("href=\"{}\"", URL.replace('&', "&#38;"))),
            "{html}"
        );
        for loader in [
            "<img",
            "src=",
            "url(",
            "@import",
            "<link",
            "<script",
            "<iframe",
            "<form",
            "srcset",
            "background=",
        ] {
            assert!(!html.contains(loader), "{loader}");
        }
        assert_eq!(
            html.matches("://").count(),
            2,
            "the address stands in the button and below it, and no other"
        );
    }
}

#[test]
fn what_people_write_is_escaped_and_keeps_its_lines() {
    let frame = Frame {
        portal: "A&B <b>\"Portal\"</b>",
        greeting: Some("<script>alert(1)</script>"),
        ask: Some("<i>x</i>"),
        ..frame()
    };
    let note = Some("1 < 2 & \"quoted\"\r\n\r\n<img src=x onerror=alert(1)>\nlast");
    let letter = render(&Letter::Invitation {
        frame,
        note,
        open_until: at(),
    });
    for raw in ["<script>", "<b>", "<i>", "<img"] {
        assert!(!letter.html.contains(raw), "{raw}");
    }
    assert!(letter.html.contains("<br><br>"));
    let shown = html_to_text(&letter.html);
    assert!(
        shown.contains("1 < 2 & \"quoted\"") && shown.contains("<img src=x onerror=alert(1)>"),
        "{shown}"
    );
    assert!(
        letter
            .text
            .contains("\n    1 < 2 & \"quoted\"\n\n    <img src=x onerror=alert(1)>\n    last\n")
    );
    assert!(letter.subject.starts_with("A&B <b>\"Portal\"</b> "));
}

#[test]
fn no_note_no_name_no_contact_leave_no_hole() {
    for (note, greeting, ask) in [(None, None, None), (Some(" \r\n "), Some("  "), Some("\n"))] {
        let frame = Frame {
            greeting,
            ask,
            ..frame()
        };
        let letter = render(&Letter::Invitation {
            frame,
            note,
            open_until: at(),
        });
        assert!(letter.text.starts_with("Hello,\n\nAcme"), "{}", letter.text);
        assert!(!letter.text.contains("note") && !letter.text.contains("Questions"));
        assert!(!letter.text.contains("\n\n\n"));
        assert!(!letter.html.contains("Questions") && letter.html.contains(">Hello,</p>"));
    }
}

#[test]
fn subjects_are_short_and_hold_no_line_end() {
    let long = "Akademie für überaus gründliche Fortbildung \r\nBcc: ".repeat(5);
    let word = "ü".repeat(300);
    for portal in [long.as_str(), word.as_str(), "Acme", ""] {
        for section in [
            Section::Home,
            Section::Courses,
            Section::Communities,
            Section::Affiliates,
        ] {
            for letter in all(Frame {
                portal,
                section,
                ..frame()
            }) {
                let Rendered { subject, text, .. } = render(&letter);
                assert!(subject.chars().count() <= 78, "{subject}");
                assert!(!subject.chars().any(char::is_control), "{subject:?}");
                let wide = text.lines().filter(|line| line.chars().count() > 78);
                assert!(
                    wide.clone().all(|line| line == URL || line.contains(&word)),
                    "{:?}",
                    wide.collect::<Vec<_>>()
                );
            }
        }
    }
    let [invitation, .., magic] = all(Frame {
        portal: &long,
        ..frame()
    });
    assert_eq!(
        render(&invitation).subject,
        "Akademie für überaus gründliche Fortbildung Bcc:… invites you to its portal"
    );
    assert_eq!(
        render(&magic).subject,
        "Akademie für überaus gründliche Fortbildung… sent you a link to your courses"
    );
}

#[test]
fn a_link_that_is_none_is_refused() {
    for url in [
        "",
        "javascript:alert(1)",
        "https://a.example/ b",
        "https://a.example/\nx",
        "portal.acme.example/l/x",
    ] {
        let letter = Letter::LoginEmail {
            frame: Frame { url, ..frame() },
            valid_until: at(),
        };
        assert!(matches!(letter.render(), Err(LetterError::Link)), "{url:?}");
    }
}
