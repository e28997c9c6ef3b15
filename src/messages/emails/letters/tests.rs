use mail_parser::decoders::html::html_to_text;

use super::samples::*;
use super::{Frame, Letter, Rendered, Sighting};
use crate::accounts::brand::Accent;

#[test]
fn an_invitation_reads_well_in_plain_text() {
    let letter = render(&of_staff(frame())[0]);
    assert_eq!(letter.subject, "Acme Academy invited you to its portal");
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
    assert_eq!(letter.text, expected);
}

#[test]
fn a_requested_login_says_what_to_do_who_did_not_ask() {
    let letter = render(&Letter::RequestedLogin {
        frame: Frame {
            greeting: None,
            ask: None,
            not_me: None,
            ..frame()
        },
        minutes: 10,
        code: None,
    });
    assert_eq!(letter.subject, "Your sign-in link for Acme Academy");
    let expected = format!(
        "Hello,

You asked to sign in to Acme Academy. Open the link below, then confirm on
the page that opens.

Sign in to your courses:

{URL}

The link works once and expires 10 minutes after your request.

If you didn't ask for this, you can ignore this email: no one can sign in
without it.

-- \nAcme Academy
"
    );
    assert_eq!(letter.text, expected);
}

#[test]
fn a_code_stands_beside_the_button_in_two_groups() {
    let letter = render(&of_strangers(frame())[1]);
    assert_eq!(letter.subject, "Your sign-in link for Acme Academy");
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
    assert_eq!(letter.text, expected);
}

#[test]
fn a_warning_says_when_how_and_from_where() {
    let letters = of_strangers(frame());
    let letter = render(&letters[6]);
    assert_eq!(letter.subject, "A new device signed in to Acme Academy");
    let expected = format!(
        "Hello Maria,

A new device signed in to the Acme Academy dashboard as you.

    When: Sunday, 30 November 2025, 10:00 UTC
    How: with the password
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
    assert_eq!(letter.text, expected);
    let changed = render(&letters[5]);
    assert_eq!(changed.subject, "Your password for Acme Academy was changed");
    assert!(!changed.text.contains("How:") && changed.text.contains("Device: Firefox on Linux\n"));
    let nowhere = Sighting {
        network: None,
        ..sighting()
    };
    let letter = render(&Letter::PasswordChanged {
        frame: frame(),
        sighting: nowhere,
    });
    assert!(!letter.text.contains("Network") && !letter.html.contains("Network"));
}

#[test]
fn both_parts_of_every_letter_say_the_same() {
    for letter in all(frame()) {
        let Rendered { subject, text, html } = render(&letter);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let shown = squeezed(&html_to_text(&html));
        // The way on is a link in the one and a button in the other.
        let said = text.split("\n\n").map(squeezed).filter(|part| {
            !part.contains("linkbelow") && !part.starts_with("Thiswasn'tme") && !part.starts_with("--")
        });
        for part in said.filter(|part| !part.contains("://")) {
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
        let letter = render(&Letter::RequestedLogin {
            frame: frame(),
            minutes,
            code: None,
        });
        assert!(letter.text.contains(words), "{}", letter.text);
    }
}

#[test]
fn the_accent_colours_the_header_and_the_button() {
    for colour in ["#ffe600", "#12161c", "#4b3fbf", "#ffffff"] {
        let accent: Accent = colour.parse().expect("a colour");
        let letter = render(&Letter::LoginEmail {
            frame: Frame { accent, ..frame() },
            valid_until: at(),
        });
        let (light, dark) = (accent.on_light(), accent.on_dark());
        let filled = format!("bgcolor=\"{}\"", light.fill);
        assert_eq!(letter.html.matches(&filled).count(), 2, "{}", letter.html);
        for part in [
            format!("color:{};text-decoration:none", light.on_fill),
            format!("line-height:1.5;color:{};", light.text),
            format!(".fill {{ background-color: {} !important; }}", dark.fill),
            format!(".on-fill {{ color: {} !important; }}", dark.on_fill),
            format!(".link {{ color: {} !important; }}", dark.text),
        ] {
            assert!(letter.html.contains(&part), "{part}: {}", letter.html);
        }
    }
}

#[test]
fn debug_shows_nothing() {
    let letter = &all(frame())[0];
    assert_eq!(format!("{:?}", render(letter)), "Rendered { .. }");
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
