//! Errors as callers see them: a fixed list of codes, without internal details.

mod response;

use std::error::Error as StdError;
use std::fmt;

use uuid::Uuid;

use crate::trace;

pub(crate) use self::response::{internal_failure, parse_failed};
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

/// An error with its code. `Display` is for the caller; `source()` is for the log.
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

    /// Invalid input. The message says what would be valid.
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

    /// A bug or an unexpected failure: the cause is logged, and the caller gets an id to quote.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.").with_source(source)
    }

    /// A service that this one depends on can't be reached at the moment.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let message = "The service can't do this right now. Try again in a moment.";
        Self::new(Code::Unavailable, message)
            .with_source(source)
            .retry_in(1)
    }

    /// A backend did not respond in time. A change may have been made nevertheless.
    pub fn timed_out(changes: bool) -> Self {
        let message = if changes {
            "There was no response in time, so it is not known whether the change was made. Look before you repeat it."
        } else {
            "There was no response in time. Try again in a moment."
        };
        Self::unavailable("no response in time").with_message(message)
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

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the cause, for the log and the command line.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// Logs the cause, and returns what the caller may see. For an internal error, both contain the same id.
    pub fn report(&self) -> Reported {
        match self.code {
            Code::Internal => {
                let (id, trace_id) = (random_id(), trace::current_id());
                let trace = trace_id.as_deref();
                tracing::error!(%id, trace_id = trace, cause = self.causes(), "internal error");
                Reported {
                    message: format!("{} Quote {id} when you ask about it.", self.message),
                    id: Some(id),
                    trace_id,
                }
            }
            Code::Unavailable => {
                tracing::warn!(cause = self.causes(), "unavailable");
                Reported::new(&self.message)
            }
            _ => Reported::new(&self.message),
        }
    }

    /// The message with all its causes, for the operator. Never for callers.
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

/// What a caller may see of an error.
#[derive(Clone, Debug)]
pub struct Reported {
    pub message: String,
    /// Of an internal error: its id in the log, which the message contains.
    pub id: Option<Uuid>,
    /// Of an internal error: its trace, if that is recorded.
    pub trace_id: Option<String>,
}

impl Reported {
    fn new(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            id: None,
            trace_id: None,
        }
    }
}

/// A random id, for example for a caller to quote and an operator to find in the log.
pub fn random_id() -> Uuid {
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
    fn an_internal_error_shows_an_id_and_no_internal_details() {
        let error = Error::internal("relation \"contacts\" does not exist");
        let shown = error.report().message;
        assert!(shown.contains("Quote "), "{shown}");
        assert!(!shown.contains("contacts"), "{shown}");
        assert!(!error.to_string().contains("contacts"));
    }
}
