//! The letters that Vestibule writes by itself, in plain text and in HTML.
//!
//! To add a letter: a variant of [`Letter`], its subject, button and `Wording` in `letters/wording.rs`, and a `when` twice in
//! `templates/mail/letter.txt` and twice in `letter.html` (before and after the button).
//!
//! No letter loads anything from anywhere, counts its readers, or holds the matching number of a login: whoever only reads
//! the mail must not have all that a login takes. No subject holds a code: subjects stand on locked screens.

mod plain;
mod wording;

use std::fmt;

use askama::Template;
use chrono::{DateTime, Utc};

use self::plain::{layout, one_line};
use self::wording::{Fact, Wording};
use crate::accounts::brand;
use crate::accounts::brand::{Accent, Palette};

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Courses,
    Communities,
    Affiliates,
    /// The dashboard of the account's staff.
    Dashboard,
}

/// What every letter needs.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The portal's name, as its people know it.
    pub portal: &'a str,
    /// Of the button, the links and the mark beside the name.
    pub accent: Accent,
    /// Whom to greet by name.
    pub greeting: Option<&'a str>,
    /// Where the link leads, or what it is about.
    pub section: Section,
    /// The link of the button, with its secret; none where the letter has no button.
    pub url: Option<&'a str>,
    /// Where its reader says that it was not them.
    pub not_me: Option<&'a str>,
    /// Who answers questions: a name, an address, or both.
    pub ask: Option<&'a str>,
}

/// When and from where something was done.
#[derive(Clone, Copy)]
pub struct Sighting<'a> {
    pub at: DateTime<Utc>,
    /// In words, by [`crate::base::device::words`].
    pub device: &'a str,
    /// Masked, by [`crate::base::device::network`].
    pub network: Option<&'a str>,
}

/// A letter and what only it says. A code is its digits alone.
#[derive(Clone, Copy)]
pub enum Letter<'a> {
    /// Staff asks a contact to join, perhaps with a note of its own (plain text).
    Invitation {
        frame: Frame<'a>,
        note: Option<&'a str>,
        open_until: DateTime<Utc>,
    },
    /// A login link that staff sent.
    LoginEmail {
        frame: Frame<'a>,
        valid_until: DateTime<Utc>,
    },
    /// A login link that the person asked for, also in place of one that no longer works, and the code beside it.
    RequestedLogin {
        frame: Frame<'a>,
        minutes: u32,
        code: Option<&'a str>,
    },
    /// A magic link made by staff and sent by mail.
    MagicLink {
        frame: Frame<'a>,
        valid_until: DateTime<Utc>,
    },
    /// A code alone that the person asked for.
    LoginCode {
        frame: Frame<'a>,
        minutes: u32,
        code: &'a str,
    },
    /// A team member's way into the dashboard, asked for.
    StaffLogin {
        frame: Frame<'a>,
        minutes: u32,
        code: Option<&'a str>,
    },
    /// A link to choose another password.
    PasswordReset { frame: Frame<'a>, minutes: u32 },
    /// The password was set or changed.
    PasswordChanged {
        frame: Frame<'a>,
        sighting: Sighting<'a>,
    },
    /// To the address that a contact had until now: it has another one, masked here, or none.
    AddressChanged {
        frame: Frame<'a>,
        at: DateTime<Utc>,
        new_address: Option<&'a str>,
    },
    /// Somebody signed in on a device that was not seen before; `method` in words: "with the password".
    NewDevice {
        frame: Frame<'a>,
        sighting: Sighting<'a>,
        method: &'a str,
    },
    /// The account asks somebody to join its staff; `role` in words.
    TeamInvitation {
        frame: Frame<'a>,
        role: &'a str,
        valid_until: DateTime<Utc>,
    },
}

/// A letter as it goes into an [`Email`](crate::Email).
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Holds a link that signs somebody in: shows nothing.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

/// Why a letter could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("the link of a letter must be an http: or https: URL without spaces")]
    Link,
    #[error("the letter's template failed")]
    Template(#[source] askama::Error),
}

/// What the templates fill in.
struct Parts<'a> {
    subject: String,
    portal: String,
    /// The first letter of the portal's name.
    initial: String,
    light: Palette,
    dark: Palette,
    greeting: Option<String>,
    ask: Option<String>,
    destination: &'static str,
    /// What one signs in to.
    target: String,
    facts: Vec<Fact>,
    button: Option<Button<'a>>,
    /// In groups, as people read it.
    code: Option<String>,
    protest: Option<Protest<'a>>,
    wording: Wording,
}

struct Button<'a> {
    label: String,
    url: &'a str,
}

/// The way to say that it was somebody else.
struct Protest<'a> {
    words: &'static str,
    url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    of: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    of: &'a Parts<'a>,
}

impl<'a> Letter<'a> {
    /// Writes the letter.
    pub fn render(&self) -> Result<Rendered, LetterError> {
        let parts = self.parts()?;
        let text = Text { of: &parts }.render().map_err(LetterError::Template)?;
        let html = Html { of: &parts }.render().map_err(LetterError::Template)?;
        Ok(Rendered {
            subject: parts.subject,
            text: layout(&text),
            html,
        })
    }

    fn parts(&self) -> Result<Parts<'a>, LetterError> {
        let frame = self.frame();
        let line = |text: Option<&str>| text.map(one_line).filter(|text| !text.is_empty());
        let portal = one_line(frame.portal);
        let button = match self.button() {
            Some(label) => Some(Button {
                label,
                url: link(frame.url.unwrap_or_default())?,
            }),
            None => None,
        };
        let protest = match (self.protest(), frame.not_me) {
            (Some(words), Some(url)) => Some(Protest {
                words,
                url: link(url)?,
            }),
            _ => None,
        };
        Ok(Parts {
            subject: self.subject(&portal),
            target: frame.section.target(&portal),
            initial: brand::initial(&portal),
            light: frame.accent.on_light(),
            dark: frame.accent.on_dark(),
            portal,
            greeting: line(frame.greeting),
            ask: line(frame.ask),
            destination: frame.section.words(),
            facts: self.facts(),
            button,
            code: self.code(),
            protest,
            wording: self.wording(),
        })
    }

    fn frame(&self) -> &Frame<'a> {
        match self {
            Self::Invitation { frame, .. }
            | Self::LoginEmail { frame, .. }
            | Self::RequestedLogin { frame, .. }
            | Self::MagicLink { frame, .. }
            | Self::LoginCode { frame, .. }
            | Self::StaffLogin { frame, .. }
            | Self::PasswordReset { frame, .. }
            | Self::PasswordChanged { frame, .. }
            | Self::AddressChanged { frame, .. }
            | Self::NewDevice { frame, .. }
            | Self::TeamInvitation { frame, .. } => frame,
        }
    }
}

/// On a line of its own it must stay whole, and as an address it must lead to a page.
fn link(url: &str) -> Result<&str, LetterError> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if web && url.chars().all(|c| c.is_ascii_graphic()) {
        Ok(url)
    } else {
        Err(LetterError::Link)
    }
}

#[cfg(test)]
mod safety_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
