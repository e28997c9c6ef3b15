//! The letters that Vestibule writes by itself, in plain text and in HTML.
//!
//! To add a letter: a variant of [`Letter`], its subject and button here, a variant of `Wording`, and a
//! `when` in `templates/mail/letter.txt` and twice in `letter.html` (before and after the button).
//!
//! No letter loads anything from anywhere, counts its readers, or holds the matching number of a login:
//! whoever only reads the mail must not have all that a login takes.

mod plain;

use std::fmt;

use askama::Template;
use chrono::{DateTime, Utc};

use self::plain::{layout, lines, one_line, shorten};

/// Characters of a subject that mail programs show whole (RFC 5322, section 2.1.1).
const SUBJECT_MAX: usize = 78;

/// Where in the portal a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Courses,
    Communities,
    Affiliates,
}

impl Section {
    fn words(self) -> &'static str {
        match self {
            Self::Home => "the portal",
            Self::Courses => "your courses",
            Self::Communities => "your communities",
            Self::Affiliates => "your affiliate pages",
        }
    }
}

/// What every letter needs.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The portal's name, as its people know it.
    pub portal: &'a str,
    /// Whom to greet by name.
    pub greeting: Option<&'a str>,
    /// Where the link leads.
    pub section: Section,
    /// The link, with its secret.
    pub url: &'a str,
    /// Who answers questions: a name, an address, or both.
    pub ask: Option<&'a str>,
}

/// A letter and what only it says.
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
    /// A login link that the person asked for, also in place of one that no longer works.
    RequestedLogin { frame: Frame<'a>, minutes: u32 },
    /// A magic link made by staff and sent by mail.
    MagicLink {
        frame: Frame<'a>,
        valid_until: DateTime<Utc>,
    },
}

/// A letter as it goes into an [`Email`](super::Email).
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

enum Wording {
    Invitation { note: Vec<String>, open_until: String },
    LoginEmail { valid_until: String },
    RequestedLogin { lifetime: String },
    MagicLink { valid_until: String },
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    portal: &'a str,
    greeting: Option<&'a str>,
    destination: &'a str,
    button: &'a str,
    url: &'a str,
    ask: Option<&'a str>,
    wording: &'a Wording,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    subject: &'a str,
    portal: &'a str,
    greeting: Option<&'a str>,
    destination: &'a str,
    button: &'a str,
    url: &'a str,
    ask: Option<&'a str>,
    wording: &'a Wording,
}

impl<'a> Letter<'a> {
    /// Writes the letter.
    pub fn render(&self) -> Result<Rendered, LetterError> {
        let frame = self.frame();
        let url = link(frame.url)?;
        let (portal, ask) = (one_line(frame.portal), frame.ask.map(one_line));
        let greeting = frame.greeting.map(one_line).filter(|name| !name.is_empty());
        let (greeting, ask) = (greeting.as_deref(), ask.as_deref().filter(|ask| !ask.is_empty()));
        let (subject, button, wording) = (self.subject(&portal), self.button(), self.wording());
        let (portal, button, wording) = (portal.as_str(), button.as_str(), &wording);
        let destination = frame.section.words();
        let text = Text {
            portal,
            greeting,
            destination,
            button,
            url,
            ask,
            wording,
        };
        let html = Html {
            subject: &subject,
            portal,
            greeting,
            destination,
            button,
            url,
            ask,
            wording,
        };
        let text = layout(&text.render().map_err(LetterError::Template)?);
        let html = html.render().map_err(LetterError::Template)?;
        Ok(Rendered { subject, text, html })
    }

    fn frame(&self) -> &Frame<'a> {
        match self {
            Self::Invitation { frame, .. }
            | Self::LoginEmail { frame, .. }
            | Self::RequestedLogin { frame, .. }
            | Self::MagicLink { frame, .. } => frame,
        }
    }

    /// A long name gives way, so that the rest stays readable.
    fn subject(&self, portal: &str) -> String {
        let (before, after) = match self {
            Self::Invitation { .. } => ("", " invites you to its portal".to_owned()),
            Self::LoginEmail { .. } => ("Sign in to ", String::new()),
            Self::RequestedLogin { .. } => ("Your login link for ", String::new()),
            Self::MagicLink { frame, .. } => ("", format!(" sent you a link to {}", frame.section.words())),
        };
        let room = SUBJECT_MAX.saturating_sub(before.chars().count() + after.chars().count());
        format!("{before}{}{after}", shorten(portal, room))
    }

    fn button(&self) -> String {
        let destination = self.frame().section.words();
        match self {
            Self::Invitation { .. } | Self::MagicLink { .. } => format!("Open {destination}"),
            Self::LoginEmail { .. } | Self::RequestedLogin { .. } => format!("Sign in to {destination}"),
        }
    }

    fn wording(&self) -> Wording {
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

#[cfg(test)]
mod safety_tests;
#[cfg(test)]
mod tests;
