//! The error pages.

use askama::Template;

use super::layout::Layout;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;

/// The error, as far as visitors may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind<'a> {
    NotFound,
    /// How to correct it, as a sentence.
    BadRequest(Option<&'a str>),
    /// Signed in, but not allowed.
    Forbidden,
    /// The form token was missing or invalid; leads back to the form.
    FormExpired {
        retry_href: &'a str,
    },
    /// A concurrent request changed the same data.
    Conflict,
    /// Too many requests; the next is accepted after these seconds.
    TooMany {
        retry_after: u64,
    },
    /// An id to quote, without internals.
    Internal {
        id: &'a str,
    },
    Unavailable,
}

impl<'a> ErrorKind<'a> {
    /// The HTTP status of the page.
    #[must_use]
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::BadRequest(_) => 400,
            Self::Forbidden | Self::FormExpired { .. } => 403,
            Self::Conflict => 409,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unavailable => 503,
        }
    }

    fn heading(self, locale: &Locale) -> Text {
        match self {
            Self::NotFound => locale.text("error-not-found"),
            Self::BadRequest(_) => locale.text("error-bad-request"),
            Self::Forbidden => locale.text("error-forbidden"),
            Self::FormExpired { .. } => locale.text("error-form-expired"),
            Self::Conflict => locale.text("error-conflict"),
            Self::TooMany { .. } => locale.text("error-too-many"),
            Self::Internal { .. } => locale.text("error-internal"),
            Self::Unavailable => locale.text("error-unavailable"),
        }
    }

    fn explanation(self, locale: &Locale) -> String {
        let text = match self {
            Self::BadRequest(Some(detail)) => return detail.to_owned(),
            Self::NotFound => locale.text("error-not-found-text"),
            Self::BadRequest(None) => locale.text("error-bad-request-text"),
            Self::Forbidden => locale.text("error-forbidden-text"),
            Self::FormExpired { .. } => locale.text("error-form-expired-text"),
            Self::Conflict => locale.text("error-conflict-text"),
            Self::TooMany { .. } => locale.text("error-too-many-text"),
            Self::Internal { .. } => locale.text("error-internal-text"),
            Self::Unavailable => locale.text("error-unavailable-text"),
        };
        text.to_string()
    }

    fn id(self) -> Option<&'a str> {
        if let Self::Internal { id } = self {
            Some(id)
        } else {
            None
        }
    }

    /// The form to open again.
    fn form_href(self) -> Option<&'a str> {
        if let Self::FormExpired { retry_href } = self {
            Some(retry_href)
        } else {
            None
        }
    }

    /// The same request may succeed later.
    fn temporary(self) -> bool {
        match self {
            Self::TooMany { .. } | Self::Internal { .. } | Self::Unavailable | Self::Conflict => true,
            Self::NotFound | Self::BadRequest(_) | Self::Forbidden | Self::FormExpired { .. } => false,
        }
    }

    /// How long to wait, in words.
    fn wait(self, locale: &Locale) -> Option<Text> {
        self.retry_after().map(|seconds| wait_text(*locale, seconds))
    }

    /// Seconds, for the header `Retry-After`.
    #[must_use]
    pub(crate) fn retry_after(self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } => Some(retry_after.max(1)),
            _ => None,
        }
    }
}

/// A time to wait, in seconds or minutes.
pub(crate) fn wait_text(locale: Locale, seconds: u64) -> Text {
    match seconds {
        120.. => locale.text("minutes").arg("count", seconds.div_ceil(60)),
        _ => locale.text("seconds").arg("count", seconds),
    }
}

/// Any page that is an error.
#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub(crate) struct ErrorView<'a> {
    /// The account's if the address belongs to one, else [`Layout::SERVER`].
    pub layout: Layout<'a>,
    pub kind: ErrorKind<'a>,
    /// It answers a posted form: its address answers `GET` with the form's page or a redirect to it.
    pub posted: bool,
}

impl ErrorView<'_> {
    fn has_retry_link(&self) -> bool {
        self.kind.temporary() || (self.posted && matches!(self.kind, ErrorKind::BadRequest(_)))
    }
}
