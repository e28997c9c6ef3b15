//! What a caller may see of a failure: one closed list of codes, and nothing of the inside.

use std::error::Error as StdError;
use std::fmt;

use uuid::Uuid;

use crate::db::sqlstate;

/// `extensions.code` of the API.
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

    pub fn not_found(field: impl Into<String>, what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}.")).at(field)
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "Sign in first: this needs an access token or an API key.",
        )
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    pub fn rate_limited(message: impl Into<String>, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::RateLimited, message)
        }
    }

    /// Something that should not happen: the log gets the cause, the caller an id to quote.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Code::Internal, "Something went wrong on our side.")
        }
    }

    /// The database or another service can't be reached now.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            retry_after: Some(1),
            ..Self::new(
                Code::Unavailable,
                "The service can't do this right now. Try again in a moment.",
            )
        }
    }

    /// The database gave no answer in time. A change that was on its way may have been made.
    pub fn unanswered(changes: bool) -> Self {
        let words = if changes {
            "The database did not answer in time, so it is not known whether the change was made. Look before you repeat it; \
             a repeat with the same Idempotency-Key is safe."
        } else {
            "The database did not answer in time. Try again in a moment."
        };
        Self {
            message: words.to_owned(),
            ..Self::unavailable("no answer from the database in time")
        }
    }

    /// Two changes met, and this one was undone.
    fn raced(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            retry_after: Some(1),
            ..Self::new(
                Code::Conflict,
                "Another request changed this at the same time. Try again.",
            )
        }
    }

    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
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
        let mut next: Option<&dyn StdError> = self.source.as_ref().map(|source| &**source as &dyn StdError);
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

/// An id that a caller quotes and the log knows.
pub fn incident() -> Uuid {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
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

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match &error {
            Diesel::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _)
            | Diesel::BrokenTransactionManager => Self::unavailable(error),
            Diesel::DatabaseError(_, info) => match sqlstate::of(info.message()) {
                // Undone as a whole: a deadlock's victim, like the loser of a serialization.
                Some("40001" | "40P01") => Self::raced(error),
                Some(code) if out_of_service(code) => Self::unavailable(error),
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}

/// For who runs the program: adds what the settings can change.
impl From<embedded_postgres::Error> for Error {
    fn from(error: embedded_postgres::Error) -> Self {
        use embedded_postgres::Error as Postgres;
        let message = match error {
            Postgres::NotInstalled { .. } => {
                "The private PostgreSQL does not run. Install PostgreSQL, or set DATABASE_URL to your own server."
            }
            Postgres::AlreadyServing { .. } => {
                "Another vestibule uses the same data folder. Stop it first, or choose another folder with --data-dir."
            }
            _ => "The private PostgreSQL does not run.",
        };
        Self::new(Code::Unavailable, message).because(error)
    }
}

/// Whether the database can't do this now, whatever the statement (PostgreSQL, appendix A): connections (08), a read-only
/// session, a wait for a lock that took too long, resources as the disk (53), interventions as a shutdown, a cancellation or a
/// statement that took too long (57), and faults of the system (58).
fn out_of_service(code: &str) -> bool {
    matches!(code, "25006" | "55P03") || ["08", "53", "57", "58"].contains(&&code[..2])
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

    #[test]
    fn a_failure_of_the_database_is_known_by_its_code() {
        use diesel::result::{DatabaseErrorKind, Error as Diesel};
        let of = |words: &str| {
            let failed = Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(words.to_owned()));
            let error = Error::from(failed);
            (error.code, error.retry_after)
        };
        let gone = "57P01 Verbindung wird abgebrochen aufgrund von Anweisung des Administrators";
        assert_eq!(of(gone), (Code::Unavailable, Some(1)));
        assert_eq!(of("40P01 Verklemmung entdeckt"), (Code::Conflict, Some(1)));
        assert_eq!(of("42601 Syntaxfehler"), (Code::Internal, None));
        assert_eq!(Error::from(Diesel::NotFound).code, Code::Internal);
    }
}
