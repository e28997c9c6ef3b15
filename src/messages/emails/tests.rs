use mail_parser::decoders::html::html_to_text;

use super::samples::*;
use super::{FrameSource, Rendered};
use crate::accounts::brand::Accent;
use crate::accounts::model::section::PortalSection::Courses;
use crate::base::locale::{Language, Locale};
use crate::sign_in::password::emails::PasswordChangedEmail;

#[test]
fn an_invitation_reads_well_in_plain_text() {
    let email = render(&staff_emails(Courses)[0], source());
    assert_eq!(email.subject, "Acme Academy invited you to its portal");
    let expected = format!(
        "Hello Maria,

Acme Academy invited you to its portal. Open the link below, then confirm on
the page that opens. You don't need a password.

A note from Acme Academy:

    Welcome on board!
    See you on Monday.

Open your courses:

{URL}

The invitation expires on Sunday, 30 November 2025, 10:00 UTC. It is only
for you: anyone who has this email can use it, so please don't forward it.

Questions? Contact Jo Fischer, help@acme.example.

-- \nAcme Academy
"
    );
    assert_eq!(email.text, expected);
}

#[test]
fn a_requested_login_explains_how_to_report_it() {
    let nameless = FrameSource {
        greeting: None,
        support: None,
        ..source()
    };
    let email = written(&requested_login(Courses, 10, None), nameless);
    assert_eq!(email.subject, "Your sign-in link for Acme Academy");
    let expected = format!(
        "Hello,

You asked to sign in to Acme Academy. Open the link below, then confirm on
the page that opens.

Sign in to your courses:

{URL}

The link works once and expires 10 minutes after your request.

If you didn't ask for this, you can ignore this email: no one can sign in
without it.

You can also tell us that it wasn't you. That cancels this sign-in and
pauses email to this address for 24 hours.

This wasn't me:

{NOT_ME}

-- \nAcme Academy
"
    );
    assert_eq!(email.text, expected);
}

#[test]
fn a_code_is_shown_in_two_groups_after_the_link() {
    let email = render(&public_emails(Courses)[1], source());
    assert_eq!(email.subject, "Your sign-in link for Acme Academy");
    let expected = format!(
        "Hello Maria,

You asked to sign in to Acme Academy. Open the link below, then confirm on
the page that opens.

Sign in to your courses:

{URL}

Or enter this code on the device where you asked to sign in:

    012 345

Use either the link or the code. They work once and expire 10 minutes after
your request. Never share the code: we will never ask you for it.

If you didn't ask for this, you can ignore this email: no one can sign in
without it.

You can also tell us that it wasn't you. That cancels this sign-in and
pauses email to this address for 24 hours.

This wasn't me:

{NOT_ME}

Questions? Contact Jo Fischer, help@acme.example.

-- \nAcme Academy
"
    );
    assert_eq!(email.text, expected);
}

#[test]
fn a_warning_says_when_how_and_from_where() {
    let emails = public_emails(Courses);
    let email = render(&emails[7], source());
    assert_eq!(email.subject, "A new device signed in to Acme Academy");
    let expected = format!(
        "Hello Maria,

A new device signed in to the Acme Academy dashboard as you.

    When: Sunday, 30 November 2025, 10:00 UTC
    How: with a password
    Device: Firefox on Linux
    Network: 203.0.113.x

If this was you, there is nothing to do.

If it wasn't you, tell us now. That signs the device out and disables what
it signed in with.

This wasn't me:

{NOT_ME}

Questions? Contact Jo Fischer, help@acme.example.

-- \nAcme Academy
"
    );
    assert_eq!(email.text, expected);
    let changed = render(&emails[6], source());
    assert_eq!(changed.subject, "Your password for Acme Academy was changed");
    assert!(!changed.text.contains("How:") && changed.text.contains("Device: Firefox on Linux\n"));
    let mut origin = origin();
    origin.network = None;
    let email = written(&PasswordChangedEmail { origin }, source());
    assert!(!email.text.contains("Network") && !email.html.contains("Network"));
}

#[test]
fn the_text_and_html_of_every_email_have_the_same_content() {
    for email in all() {
        let Rendered { subject, text, html } = render(&email, source());
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let shown = squeezed(&html_to_text(&html));
        // The plain text has a link where the HTML has a button.
        let paragraphs = text.split("\n\n").map(squeezed).filter(|part| {
            !part.contains("linkbelow") && !part.starts_with("Thiswasn'tme") && !part.starts_with("--")
        });
        for part in paragraphs.filter(|part| !part.contains("://")) {
            let part = part.trim_end_matches(':');
            assert!(shown.contains(part), "{subject}: {part} not in {shown}");
        }
        assert!(!text.contains('<') && !text.contains("&amp;"), "{text}");
    }
}

#[test]
fn lifetimes_are_in_words() {
    for (minutes, words) in [
        (1, "expires 1 minute after your request."),
        (10, "expires 10 minutes after your request."),
        (90, "expires 90 minutes after your request."),
        (120, "expires 2 hours after your request."),
    ] {
        let email = written(&requested_login(Courses, minutes, None), source());
        assert!(email.text.contains(words), "{}", email.text);
    }
}

#[test]
fn the_accent_colours_the_header_and_the_button() {
    for colour in ["#ffe600", "#12161c", "#4b3fbf", "#ffffff"] {
        let accent: Accent = colour.parse().expect("a colour");
        let email = written(&login_email(URL), FrameSource { accent, ..source() });
        let (light, dark) = (accent.on_light(), accent.on_dark());
        let filled = format!("bgcolor=\"{}\"", light.fill);
        assert_eq!(email.html.matches(&filled).count(), 2, "{}", email.html);
        for part in [
            format!("color:{};text-decoration:none", light.on_fill),
            format!("line-height:1.5;color:{};", light.text),
            format!(".fill {{ background-color: {} !important; }}", dark.fill),
            format!(".on-fill {{ color: {} !important; }}", dark.on_fill),
            format!(".link {{ color: {} !important; }}", dark.text),
        ] {
            assert!(email.html.contains(&part), "{part}: {}", email.html);
        }
    }
}

#[test]
fn debug_shows_nothing() {
    let email = render(&all()[0], source());
    assert_eq!(format!("{email:?}"), "Rendered { .. }");
}

/// Writes every email to the folder named in `VESTIBULE_EMAILS`, for review in a browser.
#[test]
#[ignore = "to look at: VESTIBULE_EMAILS=folder cargo test emails_to_look_at -- --ignored"]
fn emails_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("VESTIBULE_EMAILS").expect("a folder"));
    for (number, email) in all().iter().enumerate() {
        let Rendered { html, text, .. } = render(email, source());
        std::fs::write(folder.join(format!("{number}.html")), html).expect("written");
        std::fs::write(folder.join(format!("{number}.txt")), text).expect("written");
    }
}

#[test]
fn every_email_is_written_in_the_language_of_its_recipient() {
    for (language, hello) in [
        (Language::Spanish, "Hola, Maria:"),
        (Language::German, "Guten Tag Maria,"),
        (Language::French, "Bonjour Maria,"),
    ] {
        let source = FrameSource {
            locale: Locale::new(language, Some("Europe/Paris")),
            ..source()
        };
        for sample in all() {
            let email = render(&sample, source);
            assert!(email.text.starts_with(hello), "{}", email.text);
            let text = email
                .text
                .replace(&NOTE.replace('\n', "\n    "), "")
                .replace(URL, "");
            for english in [" the ", " you ", " your ", "Your ", " this ", " UTC"] {
                assert!(
                    !text.contains(english) && !email.subject.contains(english),
                    "{english}: {text}"
                );
            }
        }
    }
}
