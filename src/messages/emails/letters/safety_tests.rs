//! Letters hold whatever names and notes people write, and load nothing.

use mail_parser::decoders::html::html_to_text;

use super::samples::*;
use super::{Frame, Letter, LetterError, Rendered, Section, Sighting};

#[test]
fn html_has_its_own_links_alone_and_loads_nothing() {
    for letter in all(frame()) {
        let Rendered { html, .. } = render(&letter);
        let escaped = |url: &str| format!("href=\"{}\"", url.replace('&', "&#38;"));
        let (button, protest) = (letter.button().is_some(), letter.protest().is_some());
        assert_eq!(html.matches(&escaped(URL)).count(), usize::from(button), "{html}");
        assert_eq!(
            html.matches(&escaped(NOT_ME)).count(),
            usize::from(protest),
            "{html}"
        );
        let links = usize::from(button) + usize::from(protest);
        assert_eq!(html.matches("<a ").count(), links);
        assert_eq!(html.matches("href=").count(), links);
        assert!(html.contains("<html lang=\"en\">"));
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
            links + usize::from(button),
            "the button's address stands below it too, and no other"
        );
    }
}

#[test]
fn what_strangers_can_cause_says_how_to_protest_and_what_staff_sends_does_not() {
    for letter in of_strangers(frame()) {
        let Rendered { text, html, .. } = render(&letter);
        assert!(text.contains(&format!("This wasn't me:\n\n{NOT_ME}\n")), "{text}");
        assert!(html.contains(">This wasn't me</a>"));
    }
    for letter in of_staff(frame()) {
        let Rendered { text, html, .. } = render(&letter);
        assert!(!text.contains("wasn't me") && !html.contains("wasn't me"));
        assert!(!text.contains(NOT_ME) && !html.contains(NOT_ME));
    }
}

#[test]
fn no_subject_holds_a_code_or_a_secret() {
    for letter in all(frame()) {
        let Rendered { subject, .. } = render(&letter);
        assert!(!subject.contains(|c: char| c.is_ascii_digit()), "{subject}");
        assert!(!subject.contains("://"), "{subject}");
    }
}

#[test]
fn where_it_was_seen_can_not_break_out() {
    let sighting = Sighting {
        at: at(),
        device: "<b>x</b>\r\nBcc: y",
        network: Some("<i>\n\n-- \nz"),
    };
    let frame = frame();
    for letter in [
        Letter::PasswordChanged { frame, sighting },
        Letter::NewDevice {
            frame,
            sighting,
            method: "<u>",
        },
    ] {
        let Rendered { text, html, .. } = render(&letter);
        assert!(
            text.contains("    Device: <b>x</b> Bcc: y\n    Network: <i> -- z\n"),
            "{text}"
        );
        for raw in ["<b>", "<i>", "<u>"] {
            assert!(!html.contains(raw), "{raw}");
        }
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
                    wide.clone()
                        .all(|line| line == URL || line == NOT_ME || line.contains(&word)),
                    "{:?}",
                    wide.collect::<Vec<_>>()
                );
            }
        }
    }
    let letters = of_staff(Frame {
        portal: &long,
        ..frame()
    });
    assert_eq!(
        render(&letters[0]).subject,
        "Akademie für überaus gründliche Fortbildung Bcc:… invited you to its portal"
    );
    assert_eq!(
        render(&letters[2]).subject,
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
        let url = Some(url);
        let letter = Letter::LoginEmail {
            frame: Frame { url, ..frame() },
            valid_until: at(),
        };
        assert!(matches!(letter.render(), Err(LetterError::Link)), "{url:?}");
        let letter = Letter::LoginCode {
            frame: Frame {
                not_me: url,
                ..frame()
            },
            minutes: 10,
            code: "012345",
        };
        assert!(matches!(letter.render(), Err(LetterError::Link)), "{url:?}");
    }
    for letter in all(Frame { url: None, ..frame() }) {
        assert_eq!(
            letter.render().is_err(),
            letter.button().is_some(),
            "a button needs a link"
        );
    }
}
