//! What each letter says, as far as the templates don't say it.

use chrono::{DateTime, Utc};

use super::plain::{lines, shorten};
use super::{Letter, Section, Sighting};

/// Characters of a subject that mail programs show whole (RFC 5322, section 2.1.1).
const SUBJECT_MAX: usize = 78;

/// The part of a letter that is its own.
pub(crate) enum Wording {
    Invitation { note: Vec<String>, open_until: String },
    LoginEmail { valid_until: String },
    RequestedLogin { lifetime: String },
    MagicLink { valid_until: String },
    LoginCode { lifetime: String },
    StaffLogin { lifetime: String },
    PasswordReset { lifetime: String },
    PasswordChanged,
    AddressChanged,
    NewDevice,
    TeamInvitation { valid_until: String },
}

/// One line of what is known: "Device", "Firefox on Linux".
pub(crate) struct Fact {
    pub name: &'static str,
    pub value: String,
}

impl Section {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Home => "the portal",
            Self::Courses => "your courses",
            Self::Communities => "your communities",
            Self::Affiliates => "your affiliate pages",
            Self::Dashboard => "the dashboard",
        }
    }

    /// What one signs in to.
    pub(crate) fn target(self, portal: &str) -> String {
        match self {
            Self::Dashboard => format!("the {portal} dashboard"),
            _ => portal.to_owned(),
        }
    }
}

impl Letter<'_> {
    /// A long name gives way, so that the rest stays readable.
    pub(crate) fn subject(&self, portal: &str) -> String {
        let (before, after) = match self {
            Self::Invitation { .. } => ("", " invited you to its portal".to_owned()),
            Self::LoginEmail { .. } => ("Sign in to ", String::new()),
            Self::RequestedLogin { .. } => ("Your sign-in link for ", String::new()),
            Self::MagicLink { frame, .. } => ("", format!(" sent you a link to {}", frame.section.words())),
            Self::LoginCode { .. } => ("Your sign-in code for ", String::new()),
            Self::StaffLogin { .. } => ("Sign in to the ", " dashboard".to_owned()),
            Self::PasswordReset { .. } => ("Reset your password for ", String::new()),
            Self::PasswordChanged { .. } => ("Your password for ", " was changed".to_owned()),
            Self::AddressChanged { .. } => ("Your email address for ", " was changed".to_owned()),
            Self::NewDevice { .. } => ("A new device signed in to ", String::new()),
            Self::TeamInvitation { .. } => ("", " invited you to join its team".to_owned()),
        };
        let room = SUBJECT_MAX.saturating_sub(before.chars().count() + after.chars().count());
        format!("{before}{}{after}", shorten(portal, room))
    }

    pub(crate) fn button(&self) -> Option<String> {
        let destination = self.frame().section.words();
        match self {
            Self::Invitation { .. } | Self::MagicLink { .. } | Self::TeamInvitation { .. } => {
                Some(format!("Open {destination}"))
            }
            Self::LoginEmail { .. } | Self::RequestedLogin { .. } | Self::StaffLogin { .. } => {
                Some(format!("Sign in to {destination}"))
            }
            Self::PasswordReset { .. } => Some("Choose a new password".to_owned()),
            Self::LoginCode { .. }
            | Self::PasswordChanged { .. }
            | Self::AddressChanged { .. }
            | Self::NewDevice { .. } => None,
        }
    }

    /// The digits in two groups.
    pub(crate) fn code(&self) -> Option<String> {
        let digits = match self {
            Self::RequestedLogin { code, .. } | Self::StaffLogin { code, .. } => (*code)?,
            Self::LoginCode { code, .. } => code,
            _ => return None,
        };
        let middle = digits.len() / 2;
        digits
            .split_at_checked(middle)
            .map(|(one, two)| format!("{one} {two}"))
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        match self {
            Self::PasswordChanged { sighting, .. } => seen(sighting, None),
            Self::AddressChanged { at, new_address, .. } => vec![
                fact("When", &moment(*at)),
                fact("New address", new_address.unwrap_or("none")),
            ],
            Self::NewDevice { sighting, method, .. } => seen(sighting, Some(method)),
            Self::TeamInvitation { role, .. } => vec![fact("Role", role)],
            _ => Vec::new(),
        }
    }

    /// What it does to say that it was somebody else; none where only staff can have had it sent.
    pub(crate) fn protest(&self) -> Option<&'static str> {
        match self {
            Self::Invitation { .. }
            | Self::LoginEmail { .. }
            | Self::MagicLink { .. }
            | Self::AddressChanged { .. }
            | Self::TeamInvitation { .. } => None,
            Self::RequestedLogin { .. } | Self::LoginCode { .. } | Self::StaffLogin { .. } => Some(
                "You can also tell us that it wasn't you. That cancels this sign-in and pauses email to this \
                 address for 24 hours.",
            ),
            Self::PasswordReset { .. } => Some(
                "You can also tell us that it wasn't you. That cancels the link and pauses email to this address \
                 for 24 hours.",
            ),
            Self::PasswordChanged { .. } => Some(
                "If it wasn't you, tell us now. That signs out every device and disables the password. Then choose a \
                 new one with \"Forgot your password?\" on the sign-in page.",
            ),
            Self::NewDevice { .. } => Some(
                "If it wasn't you, tell us now. That signs the device out and disables what it signed in with.",
            ),
        }
    }

    pub(crate) fn wording(&self) -> Wording {
        match self {
            Self::Invitation { note, open_until, .. } => Wording::Invitation {
                note: note.map(lines).unwrap_or_default(),
                open_until: moment(*open_until),
            },
            Self::LoginEmail { valid_until, .. } => Wording::LoginEmail {
                valid_until: moment(*valid_until),
            },
            Self::RequestedLogin { minutes, .. } => Wording::RequestedLogin {
                lifetime: lifetime(*minutes),
            },
            Self::MagicLink { valid_until, .. } => Wording::MagicLink {
                valid_until: moment(*valid_until),
            },
            Self::LoginCode { minutes, .. } => Wording::LoginCode {
                lifetime: lifetime(*minutes),
            },
            Self::StaffLogin { minutes, .. } => Wording::StaffLogin {
                lifetime: lifetime(*minutes),
            },
            Self::PasswordReset { minutes, .. } => Wording::PasswordReset {
                lifetime: lifetime(*minutes),
            },
            Self::PasswordChanged { .. } => Wording::PasswordChanged,
            Self::AddressChanged { .. } => Wording::AddressChanged,
            Self::NewDevice { .. } => Wording::NewDevice,
            Self::TeamInvitation { valid_until, .. } => Wording::TeamInvitation {
                valid_until: moment(*valid_until),
            },
        }
    }
}

fn seen(sighting: &Sighting<'_>, method: Option<&str>) -> Vec<Fact> {
    let mut facts = vec![fact("When", &moment(sighting.at))];
    facts.extend(method.map(|method| fact("How", method)));
    facts.push(fact("Device", sighting.device));
    facts.extend(sighting.network.map(|network| fact("Network", network)));
    facts
}

fn fact(name: &'static str, value: &str) -> Fact {
    Fact {
        name,
        value: super::one_line(value),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%A, %-d %B %Y, %H:%M UTC").to_string()
}

fn lifetime(minutes: u32) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        120.. if minutes.is_multiple_of(60) => format!("{} hours", minutes / 60),
        _ => format!("{minutes} minutes"),
    }
}
