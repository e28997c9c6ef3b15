//! One of each letter, for the tests and for the eye.

use chrono::{DateTime, Utc};

use super::{Frame, Letter, Rendered, Section, Sighting};
use crate::accounts::brand::Accent;

pub const URL: &str =
    "https://portal.acme.example/l/acme_q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq8s?to=a&x=1";
pub const NOT_ME: &str = "https://portal.acme.example/not-me/notme_q83vEjRWeJq83vEjRWeJq83vEjRWeJ?a=b&c=d";

pub fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_496_800, 0).expect("a time in 2025")
}

pub fn frame() -> Frame<'static> {
    Frame {
        portal: "Acme Academy",
        accent: Accent::DEFAULT,
        greeting: Some("Maria"),
        section: Section::Courses,
        url: Some(URL),
        not_me: Some(NOT_ME),
        ask: Some("Jo Fischer, help@acme.example"),
    }
}

pub fn sighting() -> Sighting<'static> {
    Sighting {
        at: at(),
        device: "Firefox on Linux",
        network: Some("203.0.113.x"),
    }
}

/// What staff sends, and what tells of their changes.
pub fn of_staff(frame: Frame<'_>) -> Vec<Letter<'_>> {
    vec![
        Letter::Invitation {
            frame,
            note: Some("Welcome on board!\nSee you on Monday."),
            open_until: at(),
        },
        Letter::LoginEmail {
            frame,
            valid_until: at(),
        },
        Letter::MagicLink {
            frame,
            valid_until: at(),
        },
        Letter::TeamInvitation {
            frame: Frame {
                section: Section::Dashboard,
                ..frame
            },
            role: "staff",
            valid_until: at(),
        },
        Letter::AddressChanged {
            frame,
            at: at(),
            new_address: Some("b***@example.org"),
        },
    ]
}

/// What strangers can have sent, and what warns of them.
pub fn of_strangers(frame: Frame<'_>) -> Vec<Letter<'_>> {
    let staff = Frame {
        section: Section::Dashboard,
        ..frame
    };
    vec![
        Letter::RequestedLogin {
            frame,
            minutes: 10,
            code: None,
        },
        Letter::RequestedLogin {
            frame,
            minutes: 10,
            code: Some("012345"),
        },
        Letter::LoginCode {
            frame,
            minutes: 10,
            code: "012345",
        },
        Letter::StaffLogin {
            frame: staff,
            minutes: 10,
            code: Some("012345"),
        },
        Letter::PasswordReset { frame, minutes: 30 },
        Letter::PasswordChanged {
            frame,
            sighting: sighting(),
        },
        Letter::NewDevice {
            frame: staff,
            sighting: sighting(),
            method: "with the password",
        },
    ]
}

pub fn all(frame: Frame<'_>) -> Vec<Letter<'_>> {
    [of_staff(frame), of_strangers(frame)].concat()
}

pub fn render(letter: &Letter<'_>) -> Rendered {
    letter.render().unwrap_or_else(|error| panic!("{error}"))
}
