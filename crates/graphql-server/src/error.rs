//! What a caller may see of a failure: one closed list of codes, and nothing of the inside.

mod response;

use std::error::Error as StdError;
use std::fmt;

use uuid::Uuid;

pub(crate) use self::response::{broken, parse_failed};
pub use self::response::{one_line, request_error, to_graphql, with_codes};

/// `extensions.code` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    NotFound,
    BadUserInput,
    Conflict,
    RateLimited,
    QueryTooComplex,
    PersistedQueryNotFound,
    SubscriptionExpired,
    Unavailable,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    Internal,
}

impl Code {
    pub const ALL: [Self; 13] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::BadUserInput,
        Self::Conflict,
        Self::RateLimited,
        Self::QueryTooComplex,
        Self::PersistedQueryNotFound,
        Self::SubscriptionExpired,
        Self::Unavailable,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::Internal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::SubscriptionExpired => "SUBSCRIPTION_EXPIRED",
            Self::Unavailable => "UNAVAILABLE",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::Internal => "INTERNAL",
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure with its code. `Display` says what the caller may read; `source()` is for the log.
#[derive(Debug)]
pub struct Error {
    pub code: Code,
    message: String,
    /// Path in the input, as in `input.emails.3`.
    pub field: Option<String>,
    /// Seconds after which a retry makes sense.
    pub retry_after: Option<u64>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
            source: None,
        }
    }

    /// The input names something wrong: says which field and what would be right.
    pub fn bad_input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message).at(field)
    }

    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "This needs a credential.")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    pub fn rate_limited(message: impl Into<String>, retry_after: u64) -> Self {
        Self::new(Code::RateLimited, message).retry_in(retry_after)
    }

    /// Something that should not happen: the log gets the cause, the caller an id to quote.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.").because(source)
    }

    /// A service that this one depends on can't be reached now.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let words = "The service can't do this right now. Try again in a moment.";
        Self::new(Code::Unavailable, words).because(source).retry_in(1)
    }

    /// A backend gave no answer in time. A change that was on its way may have been made.
    pub fn timed_out(changes: bool) -> Self {
        let words = if changes {
            "There was no answer in time, so it is not known whether the change was made. Look before you repeat it."
        } else {
            "There was no answer in time. Try again in a moment."
        };
        Self::unavailable("no answer in time").saying(words)
    }

    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    #[must_use]
    pub fn retry_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same failure in other words.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Keeps what led to it, for the log and for the command line.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// Writes the cause to the log under an id, and gives the caller's words with that id.
    pub fn report(&self) -> String {
        match self.code {
            Code::Internal => {
                let id = incident();
                tracing::error!(%id, cause = self.causes(), "internal error");
                format!("{} Quote {id} when you ask about it.", self.message)
            }
            Code::Unavailable => {
                tracing::warn!(cause = self.causes(), "unavailable");
                self.message.clone()
            }
            _ => self.message.clone(),
        }
    }

    /// For who runs the program: the message and all that led to it. Never for callers.
    pub fn in_full(&self) -> String {
        match self.causes() {
            causes if causes.is_empty() => self.message.clone(),
            causes => format!("{}\n  Cause: {causes}", self.message),
        }
    }

    fn causes(&self) -> String {
        let mut text = String::new();
        let mut next: Option<&dyn StdError> = self.source();
        while let Some(cause) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

/// A random id that a caller quotes and the log knows.
pub fn incident() -> Uuid {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl AsRef<Self> for Error {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_error_shows_an_id_and_nothing_of_the_inside() {
        let error = Error::internal("relation \"contacts\" does not exist");
        let shown = error.report();
        assert!(shown.contains("Quote "), "{shown}");
        assert!(!shown.contains("contacts"), "{shown}");
        assert!(!error.to_string().contains("contacts"));
    }
}
