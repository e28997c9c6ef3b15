use mail_parser::decoders::html::html_to_text;

use super::samples::*;
use super::{Frame, Letter, Rendered, Sighting};

#[test]
fn an_invitation_reads_well_in_plain_text() {
    let letter = render(&of_staff(frame())[0]);
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
            not_me: None,
            ..frame()
        },
        minutes: 10,
        code: None,
    });
    assert_eq!(letter.subject, "Your login link for Acme Academy");
    let expected = format!(
        "Hello,

You asked to sign in to the portal of Acme Academy. Follow the link and
press the button on the page it opens.

Sign in to your courses:

{URL}

The link works once, for 10 minutes after you asked.

If you did not ask, ignore this mail; nobody gets in without what is in it.

-- \nAcme Academy
"
    );
    assert_eq!(letter.text, expected);
}

#[test]
fn a_code_stands_beside_the_button_in_two_groups() {
    let letter = render(&of_strangers(frame())[1]);
    assert_eq!(letter.subject, "Your login link for Acme Academy");
    let expected = format!(
        "Hello Maria,

You asked to sign in to the portal of Acme Academy. Follow the link and
press the button on the page it opens.

Sign in to your courses:

{URL}

Or type this code on the device where you asked to sign in:

    012 345

Use the one or the other: they work once, for 10 minutes after you asked.
Nobody will ever ask you for the code, so tell it to no one.

If you did not ask, ignore this mail; nobody gets in without what is in it.

Or say that it was not you: that ends this sign-in, and mail to this address
rests for 24 hours.

This was not me:

{NOT_ME}

Questions? Ask Jo Fischer, help@acme.example.

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

Somebody signed in to the dashboard of Acme Academy as you, on a device that
was not used for it before.

    When: Sunday, 30 November 2025, 10:00 UTC
    How: with the password
    Device: Firefox on Linux
    Network: 203.0.113.x

If that was you, there is nothing to do.

If it was not you, say so now: that signs out the device and stops what it
signed in with.

This was not me:

{NOT_ME}

Questions? Ask Jo Fischer, help@acme.example.

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
            !part.contains("Follow") && !part.starts_with("Thiswasnotme") && !part.starts_with("--")
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
        (1, "for 1 minute after you asked."),
        (10, "for 10 minutes after you asked."),
        (90, "for 90 minutes after you asked."),
        (120, "for 2 hours after you asked."),
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
