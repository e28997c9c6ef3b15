//! The error pages.

use askama::Template;

use super::layout::Layout;

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
    /// A concurrent request changed the same data: what to do, as a sentence.
    Conflict(&'a str),
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
            Self::Conflict(_) => 409,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unavailable => 503,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::BadRequest(_) => "This request can\u{2019}t be processed",
            Self::Forbidden => "Access denied",
            Self::FormExpired { .. } => "This form has expired",
            Self::Conflict(_) => "Your change wasn\u{2019}t saved",
            Self::TooMany { .. } => "Too many requests",
            Self::Internal { .. } => "Something went wrong",
            Self::Unavailable => "Temporarily unavailable",
        }
    }

    fn explanation(self) -> &'a str {
        match self {
            Self::NotFound => {
                "There is no page at this address. Check the spelling, or start from the home page."
            }
            Self::BadRequest(Some(detail)) | Self::Conflict(detail) => detail,
            Self::BadRequest(None) => "Part of it is missing or wrong.",
            Self::Forbidden => "You are signed in, but you don\u{2019}t have access to this page.",
            Self::FormExpired { .. } => {
                "It was open for too long, or your browser blocks cookies for this site. Nothing was changed: open \
                 the form again and resubmit it."
            }
            Self::TooMany { .. } => "You sent more requests in a short time than we accept.",
            Self::Internal { .. } => {
                "The error is on our side and was logged. If it happens again, contact us and include this ID:"
            }
            Self::Unavailable => "We can\u{2019}t answer right now. Try again in a few seconds.",
        }
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
            Self::TooMany { .. } | Self::Internal { .. } | Self::Unavailable | Self::Conflict(_) => true,
            Self::NotFound | Self::BadRequest(_) | Self::Forbidden | Self::FormExpired { .. } => false,
        }
    }

    /// How long to wait, in words.
    fn wait(self) -> Option<String> {
        self.retry_after().map(|seconds| match seconds {
            1 => "1 second".to_owned(),
            120.. => format!("{} minutes", seconds.div_ceil(60)),
            _ => format!("{seconds} seconds"),
        })
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
