//! Emails are safe with any names and notes, and load nothing.

use mail_parser::decoders::html::html_to_text;

use super::parts::Origin;
use super::samples::*;
use super::{EmailError, Frame, FrameSource, Rendered, SystemEmail};
use crate::accounts::model::section::PortalSection;
use crate::accounts::model::section::PortalSection::Courses;
use crate::base::actor::SignInMethod;
use crate::sign_in::password::emails::PasswordChangedEmail;
use crate::sign_in::sessions::emails::NewDeviceEmail;

#[test]
fn html_contains_only_its_own_links_and_loads_nothing() {
    let reports = public_emails(Courses).into_iter().map(|sample| (sample, true));
    let plain = staff_emails(Courses).into_iter().map(|sample| (sample, false));
    for (sample, has_report_link) in reports.chain(plain) {
        let Rendered { html, .. } = render(&sample, source());
        let escaped = |url: &str| format!("href=\"{}\"", url.replace('&', "&#38;"));
        let button = sample.0.link().is_some();
        assert_eq!(html.matches(&escaped(URL)).count(), usize::from(button), "{html}");
        assert_eq!(
            html.matches(&escaped(NOT_ME)).count(),
            usize::from(has_report_link),
            "{html}"
        );
        let links = usize::from(button) + usize::from(has_report_link);
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
fn only_emails_that_any_caller_can_trigger_have_a_report_link() {
    for email in public_emails(Courses) {
        let Rendered { text, html, .. } = render(&email, source());
        assert!(text.contains(&format!("This wasn't me:\n\n{NOT_ME}\n")), "{text}");
        assert!(html.contains(">This wasn&#39;t me</a>"));
    }
    for email in staff_emails(Courses) {
        let Rendered { text, html, .. } = render(&email, source());
        assert!(!text.contains("wasn't me") && !html.contains("wasn&#39;t me"));
        assert!(!text.contains(NOT_ME) && !html.contains(NOT_ME));
    }
}

#[test]
fn no_subject_contains_a_code_or_a_secret() {
    for email in all() {
        let Rendered { subject, .. } = render(&email, source());
        assert!(!subject.contains(|c: char| c.is_ascii_digit()), "{subject}");
        assert!(!subject.contains("://"), "{subject}");
    }
}

#[test]
fn device_and_network_are_escaped() {
    let origin = Origin {
        at: at(),
        user_agent: Some("<b>x</b>\r\nBcc: y".to_owned()),
        network: Some("<i>z".to_owned()),
    };
    let changed = PasswordChangedEmail {
        origin: origin.clone(),
    };
    let new_device = NewDeviceEmail {
        origin,
        method: SignInMethod::Link,
        staff_seen: false,
    };
    for email in [&changed as &dyn SystemEmail, &new_device] {
        let Rendered { text, html, .. } = written(email, source());
        assert!(
            text.contains("    Device: a program\n    Network: <i>z\n"),
            "{text}"
        );
        for raw in ["<b>", "<i>"] {
            assert!(!html.contains(raw), "{raw}");
        }
    }
}

#[test]
fn notes_are_escaped_and_keep_their_lines() {
    let source = FrameSource {
        portal: "A&B <b>\"Portal\"</b>",
        greeting: Some("<script>alert(1)</script>"),
        support: Some("<i>x</i>"),
        ..source()
    };
    let note = Some("1 < 2 & \"quoted\"\r\n\r\n<img src=x onerror=alert(1)>\nlast");
    let email = written(&invitation(Courses, note), source);
    for raw in ["<script>", "<b>", "<i>", "<img"] {
        assert!(!email.html.contains(raw), "{raw}");
    }
    assert!(email.html.contains("<br><br>"));
    let shown = html_to_text(&email.html);
    assert!(
        shown.contains("1 < 2 & \"quoted\"") && shown.contains("<img src=x onerror=alert(1)>"),
        "{shown}"
    );
    assert!(
        email
            .text
            .contains("\n    1 < 2 & \"quoted\"\n\n    <img src=x onerror=alert(1)>\n    last\n")
    );
    assert!(email.subject.starts_with("A&B <b>\"Portal\"</b> "));
}

#[test]
fn missing_values_leave_no_gaps() {
    for (note, greeting, support) in [(None, None, None), (Some(" \r\n "), Some("  "), Some("\n"))] {
        let source = FrameSource {
            greeting,
            support,
            ..source()
        };
        let email = written(&invitation(Courses, note), source);
        assert!(email.text.starts_with("Hello,\n\nAcme"), "{}", email.text);
        assert!(!email.text.contains("note") && !email.text.contains("Questions"));
        assert!(!email.text.contains("\n\n\n"));
        assert!(!email.html.contains("Questions") && email.html.contains(">Hello,</p>"));
    }
}

#[test]
fn subjects_are_short_single_lines() {
    let long = "Akademie für überaus gründliche Fortbildung \r\nBcc: ".repeat(5);
    let word = "ü".repeat(300);
    for portal in [long.as_str(), word.as_str(), "Acme", ""] {
        for section in PortalSection::ALL.iter().copied() {
            for email in staff_emails(section).into_iter().chain(public_emails(section)) {
                let Rendered { subject, text, .. } = render(&email, FrameSource { portal, ..source() });
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
    let emails = staff_emails(Courses);
    let source = FrameSource {
        portal: &long,
        ..source()
    };
    assert_eq!(
        render(&emails[0], source).subject,
        "Akademie für überaus gründliche Fortbildung Bcc:… invited you to its portal"
    );
    assert_eq!(
        render(&emails[2], source).subject,
        "Akademie für überaus gründliche Fortbildung… sent you a link to your courses"
    );
}

#[test]
fn other_urls_than_http_are_refused() {
    for url in [
        "",
        "javascript:alert(1)",
        "https://a.example/ b",
        "https://a.example/\nx",
        "portal.acme.example/l/x",
    ] {
        let email = super::render(&login_email(url), &Frame::from(source()));
        assert!(matches!(email, Err(EmailError::Link)), "{url:?}");
        let frame = Frame::from(FrameSource {
            not_me: url,
            ..source()
        });
        let email = super::render(&login_code(), &frame);
        assert!(matches!(email, Err(EmailError::Link)), "{url:?}");
    }
}
