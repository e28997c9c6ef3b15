use chrono::{DateTime, Utc};
use mail_parser::decoders::html::html_to_text;

use super::{Frame, Letter, Rendered, Section};

pub(super) const URL: &str =
    "https://portal.acme.example/l/acme_q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq8s?to=a&x=1";

pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_496_800, 0).expect("a time in 2025")
}

pub(super) fn frame() -> Frame<'static> {
    Frame {
        portal: "Acme Academy",
        greeting: Some("Maria"),
        section: Section::Courses,
        url: URL,
        ask: Some("Jo Fischer, help@acme.example"),
    }
}

pub(super) fn all(frame: Frame<'_>) -> [Letter<'_>; 4] {
    [
        Letter::Invitation {
            frame,
            note: Some("Welcome on board!\nSee you on Monday."),
            open_until: at(),
        },
        Letter::LoginEmail {
            frame,
            valid_until: at(),
        },
        Letter::RequestedLogin { frame, minutes: 10 },
        Letter::MagicLink {
            frame,
            valid_until: at(),
        },
    ]
}

pub(super) fn render(letter: &Letter<'_>) -> Rendered {
    letter.render().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_invitation_reads_well_in_plain_text() {
    let [invitation, ..] = all(frame());
    let letter = render(&invitation);
    assert_eq!(letter.subject, "Acme Academy invites you to its portal");
    let expected = format!(
        "Hello Maria,

Acme Academy invites you to its portal. Follow the link, press the button on
the page it opens, and you are in; no password is needed.

A note from Acme Academy:

    Welcome on board!
    See you on Monday.

Open your courses:

{URL}

The invitation is open until Sunday, 30 November 2025, 10:00 UTC. It is for
you alone: whoever has this mail can use it, so please do not forward it.

Questions? Ask Jo Fischer, help@acme.example.

-- \nAcme Academy
"
    );
    assert_eq!(letter.text, expected);
}

#[test]
fn a_requested_login_says_what_to_do_who_did_not_ask() {
    let letter = render(&Letter::RequestedLogin {
        frame: Frame {
            greeting: None,
            ask: None,
            ..frame()
        },
        minutes: 10,
    });
    assert_eq!(letter.subject, "Your login link for Acme Academy");
    let expected = format!(
        "Hello,

You asked to sign in to the portal of Acme Academy. Follow the link and
press the button on the page it opens.

Sign in to your courses:

{URL}

The link works once, for 10 minutes. If you did not ask, ignore this mail;
nobody gets in without pressing the button in it.

-- \nAcme Academy
"
    );
    assert_eq!(letter.text, expected);
}

#[test]
fn both_parts_of_every_letter_say_the_same() {
    for letter in all(frame()) {
        let Rendered { subject, text, html } = render(&letter);
        let shown = html_to_text(&html);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, shown) = (squeezed(&text), squeezed(&shown));
        let last = text
            .split("The ")
            .last()
            .and_then(|rest| rest.split(" Questions?").next())
            .expect("a sentence");
        assert!(shown.contains(last), "{subject}: {last} not in {shown}");
        for part in [
            "Hello Maria,",
            "Acme Academy",
            "your courses",
            URL,
            "Ask Jo Fischer, help@acme.example.",
        ] {
            assert!(text.contains(part) && shown.contains(part), "{subject}: {part}");
        }
        assert!(!text.contains('<') && !text.contains("&amp;"), "{text}");
    }
}

#[test]
fn lifetimes_are_in_words() {
    for (minutes, words) in [
        (1, "for 1 minute."),
        (10, "for 10 minutes."),
        (90, "for 90 minutes."),
        (120, "for 2 hours."),
    ] {
        let letter = render(&Letter::RequestedLogin {
            frame: frame(),
            minutes,
        });
        assert!(letter.text.contains(words), "{}", letter.text);
    }
}

#[test]
fn debug_shows_nothing() {
    let [letter, ..] = all(frame());
    assert_eq!(format!("{:?}", render(&letter)), "Rendered { .. }");
}

/// Writes every letter to the folder named in `VESTIBULE_LETTERS`, to be looked at in a browser.
#[test]
#[ignore = "for the eye: VESTIBULE_LETTERS=folder cargo test letters_to_look_at -- --ignored"]
fn letters_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("VESTIBULE_LETTERS").expect("a folder"));
    for (number, letter) in all(frame()).iter().enumerate() {
        let Rendered { html, text, .. } = render(letter);
        std::fs::write(folder.join(format!("{number}.html")), html).expect("written");
        std::fs::write(folder.join(format!("{number}.txt")), text).expect("written");
    }
}
