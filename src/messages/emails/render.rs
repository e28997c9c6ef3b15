//! Renders an email from its struct: the subject, and the feature's templates within the common layout.

use std::fmt;

use askama::Template;
use chrono::{DateTime, Utc};

use super::plain::{layout, one_line, shorten};
use crate::accounts::brand;
use crate::accounts::brand::{Accent, Palette};
use crate::base::actor::Audience;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;

/// Characters of a subject that mail programs show whole (RFC 5322, section 2.1.1).
pub(crate) const SUBJECT_MAX: usize = 78;
/// Takes the place of the portal's name in a subject until it is known how much room there is.
const PORTAL: &str = "{portal}";

/// An email that the system writes. [`system_email!`] gives a struct its templates.
pub(crate) trait SystemEmail: Body + Send + Sync {
    /// Without its argument `portal`.
    fn subject(&self, locale: Locale) -> Text;

    /// The URL of the button, with its secret; none if the email has no button.
    fn link(&self) -> Option<&str> {
        None
    }

    /// Where the button leads, if the text before it depends on that.
    fn destination(&self) -> Option<&'static str> {
        None
    }

    /// The whole email, if staff wrote it.
    fn written(&self) -> Option<&Rendered> {
        None
    }

    /// Whether the recipient requested it a moment ago: then it is a reply (RFC 3834, section 5).
    fn requested(&self) -> bool {
        false
    }
}

/// The content between the greeting and the footer, in both formats. An own text takes the place of the first sentences.
pub(crate) trait Body {
    fn html(&self, frame: &Frame, own: Option<&str>) -> askama::Result<String>;
    fn text(&self, frame: &Frame, own: Option<&str>) -> askama::Result<String>;
}

/// The templates of an email. They see its fields as `email`, the [`Frame`] as `frame`, and the account's own text as `own`.
macro_rules! system_email {
    ($email:ty, $html:literal, $text:literal) => {
        const _: () = {
            use $crate::messages::emails::render::{Body, Frame};

            #[derive(askama::Template)]
            #[template(path = $html)]
            struct Html<'a> {
                email: &'a $email,
                frame: &'a Frame,
                own: Option<&'a str>,
            }

            #[derive(askama::Template)]
            #[template(path = $text)]
            struct Text<'a> {
                email: &'a $email,
                frame: &'a Frame,
                own: Option<&'a str>,
            }

            impl Body for $email {
                fn html(&self, frame: &Frame, own: Option<&str>) -> askama::Result<String> {
                    askama::Template::render(&Html {
                        email: self,
                        frame,
                        own,
                    })
                }

                fn text(&self, frame: &Frame, own: Option<&str>) -> askama::Result<String> {
                    askama::Template::render(&Text {
                        email: self,
                        frame,
                        own,
                    })
                }
            }
        };
    };
}
pub(crate) use system_email;

/// The values that every email may show.
#[derive(Clone)]
pub(crate) struct Frame {
    /// The portal's name.
    pub portal: String,
    /// The first letter of the portal's name.
    pub initial: String,
    pub light: Palette,
    pub dark: Palette,
    /// The name to greet the recipient by.
    pub greeting: Option<String>,
    /// What the recipient signs in to.
    pub target: String,
    /// The URL to report "This wasn't me".
    pub not_me: String,
    /// Who answers questions: a name, an address, or both.
    pub support: Option<String>,
    /// The language and the zone of the recipient.
    pub locale: Locale,
}

impl Frame {
    /// A message of `templates/locales/`.
    pub(crate) fn text(&self, id: &'static str) -> Text {
        self.locale.text(id)
    }

    pub(crate) fn time(&self, at: &DateTime<Utc>) -> Text {
        self.locale.long_date_time(*at)
    }

    fn hello(&self) -> Text {
        match &self.greeting {
            Some(name) => self.text("email-hello-name").arg("name", name),
            None => self.text("email-hello"),
        }
    }
}

/// The source of a [`Frame`], as users entered it.
#[derive(Clone, Copy)]
pub(crate) struct FrameSource<'a> {
    pub portal: &'a str,
    pub accent: Accent,
    pub audience: Audience,
    pub greeting: Option<&'a str>,
    pub support: Option<&'a str>,
    pub not_me: &'a str,
    pub locale: Locale,
}

impl From<FrameSource<'_>> for Frame {
    fn from(source: FrameSource<'_>) -> Self {
        let line = |text: Option<&str>| text.map(one_line).filter(|text| !text.is_empty());
        let portal = one_line(source.portal);
        Self {
            initial: brand::initial(&portal),
            light: source.accent.on_light(),
            dark: source.accent.on_dark(),
            greeting: line(source.greeting),
            target: match source.audience {
                Audience::Portal => portal.clone(),
                Audience::Dashboard => {
                    let text = source.locale.text("the-dashboard");
                    text.arg("account", &portal).to_string()
                }
            },
            locale: source.locale,
            not_me: source.not_me.to_owned(),
            support: line(source.support),
            portal,
        }
    }
}

/// An email as it goes into a [`mailer::Email`].
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Contains secrets that sign the recipient in: `Debug` shows nothing.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

/// Why an email could not be rendered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EmailError {
    #[error("the link of an email must be an http: or https: URL without spaces")]
    Link,
    #[error("the template of an email failed")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "messages/layout.html")]
struct HtmlLayout<'a> {
    frame: &'a Frame,
    subject: &'a str,
    body: &'a str,
    link: Option<&'a str>,
    greets: bool,
}

#[derive(Template)]
#[template(path = "messages/layout.txt")]
struct TextLayout<'a> {
    frame: &'a Frame,
    body: &'a str,
    greets: bool,
}

pub(crate) fn render(email: &dyn SystemEmail, frame: &Frame) -> Result<Rendered, EmailError> {
    if !email.link().into_iter().chain([&*frame.not_me]).all(is_web_url) {
        return Err(EmailError::Link);
    }
    fill_templates(email, frame)
}

/// Doesn't check the links, which may be masked.
pub(super) fn fill_templates(email: &dyn SystemEmail, frame: &Frame) -> Result<Rendered, EmailError> {
    if let Some(written) = email.written() {
        return Ok(written.clone());
    }
    let subject = subject(
        &email.subject(frame.locale).arg("portal", PORTAL).to_string(),
        &frame.portal,
    );
    let html = HtmlLayout {
        frame,
        subject: &subject,
        body: email.html(frame, None)?.trim_end(),
        link: email.link(),
        greets: true,
    }
    .render()?;
    let text = TextLayout {
        frame,
        body: &email.text(frame, None)?,
        greets: true,
    }
    .render()?;
    Ok(Rendered {
        text: layout(&text),
        html,
        subject,
    })
}

/// The layout around an email that staff wrote, in both formats. It greets no one: that is up to the email.
pub(crate) fn around_written_email(
    frame: &Frame,
    html: &str,
    text: &str,
) -> askama::Result<(String, String)> {
    without_greeting(frame, (html, text), None)
}

/// An email whose text before the button is the account's own, in both formats. It greets no one: that is up to the text.
pub(crate) fn around_own_text(
    email: &dyn SystemEmail,
    frame: &Frame,
    (html, text): (&str, &str),
) -> askama::Result<(String, String)> {
    let (html, text) = (email.html(frame, Some(html))?, email.text(frame, Some(text))?);
    without_greeting(frame, (html.trim_end(), &text), email.link())
}

fn without_greeting(
    frame: &Frame,
    (html, text): (&str, &str),
    link: Option<&str>,
) -> askama::Result<(String, String)> {
    let html = HtmlLayout {
        frame,
        subject: &frame.portal,
        body: html,
        link,
        greets: false,
    };
    let text = TextLayout {
        frame,
        body: text,
        greets: false,
    };
    Ok((html.render()?, text.render()?))
}

/// A long name is cut, so that the rest stays readable.
fn subject(pattern: &str, portal: &str) -> String {
    let (before, after) = pattern.split_once(PORTAL).unwrap_or((pattern, ""));
    let room = SUBJECT_MAX.saturating_sub(before.chars().count() + after.chars().count());
    format!("{before}{}{after}", shorten(portal, room))
}

/// The URL must fit on one line of plain text, and be an `http:` or `https:` URL.
fn is_web_url(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.chars().all(|c| c.is_ascii_graphic())
}
