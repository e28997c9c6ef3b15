//! The emails and the text message that carry a link which staff created.

use chrono::{DateTime, Utc};

use crate::base::lifetime::Lifetime;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::magic_links::model::MagicLink;
use crate::messages::emails::parts::destination;
use crate::messages::emails::plain::{one_line, shorten};
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::messages::model::link_batch::LinkToMail;

/// The most characters of a portal's name in a text message, so that all but the URL fits into one segment.
const TEXT_NAME_MAX: usize = 40;

/// A login email that staff sent.
pub(crate) struct LoginEmail {
    pub link: String,
    pub destination: &'static str,
    pub expires_at: DateTime<Utc>,
}

impl LoginEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        Self::of_link(context.magic_link(minted), &minted.link)
    }

    pub(crate) fn of_link(url: String, link: &MagicLink) -> Self {
        Self {
            link: url,
            destination: destination(link.section),
            expires_at: link.expires_at,
        }
    }
}

system_email!(
    LoginEmail,
    "magic_links/login_email.html",
    "magic_links/login_email.txt"
);

impl SystemEmail for LoginEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("login-email-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}

/// A magic link that staff created and sent by email.
pub(crate) struct MagicLinkEmail {
    pub link: String,
    pub destination: &'static str,
    pub expires_at: DateTime<Utc>,
}

impl MagicLinkEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        Self::of_link(context.magic_link(minted), &minted.link)
    }

    pub(crate) fn of_link(url: String, link: &MagicLink) -> Self {
        Self {
            link: url,
            destination: destination(link.section),
            expires_at: link.expires_at,
        }
    }
}

system_email!(
    MagicLinkEmail,
    "magic_links/magic_link.html",
    "magic_links/magic_link.txt"
);

impl SystemEmail for MagicLinkEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale
            .text("magic-link-subject")
            .arg("destination", self.destination)
    }

    fn destination(&self) -> Option<&'static str> {
        Some(self.destination)
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}

/// The text message of a magic link that staff created.
pub(crate) fn magic_link_text(portal: &str, url: &str, lifetime_seconds: i32, locale: Locale) -> String {
    // An ellipsis would need the encoding that halves what fits into a segment.
    let portal = shorten(&one_line(portal), TEXT_NAME_MAX - 2).replace('…', "...");
    let minutes = u64::try_from(lifetime_seconds).unwrap_or_default() / 60;
    locale
        .text("magic-link-sms")
        .arg("portal", &portal)
        .arg("lifetime", Lifetime(minutes).text(&locale).to_string())
        .arg("link", url)
        .to_string()
}

#[cfg(test)]
mod tests {
    use sms::{Encoding, segments};

    use super::*;
    use crate::base::locale::Language;

    const URL: &str = "https://portal.example/p/acme/link/ml_x";

    #[test]
    fn all_but_the_url_fits_into_one_segment_in_english() {
        let long = "A very long name of an academy ".repeat(4);
        for portal in ["Acme", long.as_str()] {
            let text = magic_link_text(portal, URL, 600, Locale::DEFAULT);
            let words = text.strip_suffix(URL).expect("the URL is last");
            let counted = segments(words);
            assert_eq!(
                (counted.encoding, counted.segments),
                (Encoding::Gsm7, 1),
                "{words}"
            );
            assert!(words.contains("within 10 minutes"), "{words}");
        }
    }

    #[test]
    fn no_language_needs_the_long_encoding() {
        for language in [
            Language::English,
            Language::Spanish,
            Language::German,
            Language::French,
        ] {
            let text = magic_link_text("Acme\r\nAcademy", URL, 300, Locale::new(language, None));
            assert_eq!(segments(&text).encoding, Encoding::Gsm7, "{text}");
            assert!(text.starts_with("Acme Academy") && text.contains("5 "), "{text}");
        }
    }
}
