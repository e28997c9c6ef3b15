//! The error of the application: [`graphql_server::Error`] with the portal's messages, and the table that maps database errors
//! to codes.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

pub use graphql_server::Code;
use tokio_postgres::error::SqlState;

use crate::base::db::sqlstate;

pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// An error with its code. `Display` is for the caller; `source()` is for the log.
#[derive(Debug)]
pub struct Error(graphql_server::Error);

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(graphql_server::Error::new(code, message))
    }

    /// Invalid input: names the field and says what is valid.
    pub(crate) fn bad_input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self(graphql_server::Error::bad_input(field, message))
    }

    pub(crate) fn not_found(field: impl Into<String>, what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}.")).at(field)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "Sign in first: this needs an access token or an API key.",
        )
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self(graphql_server::Error::forbidden(message))
    }

    pub(crate) fn rate_limited(message: impl Into<String>, retry_after: u64) -> Self {
        Self(graphql_server::Error::rate_limited(message, retry_after))
    }

    /// An unexpected error: the cause is logged, the caller gets an id to quote.
    pub(crate) fn internal(source: impl Into<Source>) -> Self {
        Self(graphql_server::Error::internal(source))
    }

    /// The database or another service is unavailable.
    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self(graphql_server::Error::unavailable(source))
    }

    /// The request took too long. For a mutation, the change may have been made.
    pub(crate) fn timed_out(is_mutation: bool) -> Self {
        let message = if is_mutation {
            "The server did not answer in time, so it is not known whether the change was made. Check before you repeat \
             it; a repeat with the same Idempotency-Key is safe."
        } else {
            "The server did not answer in time. Try again in a moment."
        };
        Self::unavailable("no response in time").saying(message)
    }

    /// A concurrent change caused PostgreSQL to roll this one back.
    fn conflicting_change(source: impl Into<Source>) -> Self {
        let message = "Another request changed this at the same time. Try again.";
        let error = graphql_server::Error::new(Code::Conflict, message);
        Self(error.with_source(source).retry_in(1))
    }

    #[must_use]
    pub(crate) fn at(self, field: impl Into<String>) -> Self {
        Self(self.0.at(field))
    }

    /// The same error with another message.
    #[must_use]
    pub(crate) fn saying(self, message: impl Into<String>) -> Self {
        Self(self.0.with_message(message))
    }

    /// Whether PostgreSQL had no free connection.
    pub(crate) fn no_free_connection(&self) -> bool {
        let causes = std::iter::successors(StdError::source(self), |cause| (*cause).source());
        causes
            .filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>())
            .any(|cause| cause.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
    }

    /// Adds the cause, for the log and for the command line.
    #[must_use]
    pub(crate) fn because(self, source: impl Into<Source>) -> Self {
        Self(self.0.with_source(source))
    }
}

impl Deref for Error {
    type Target = graphql_server::Error;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl AsRef<graphql_server::Error> for Error {
    fn as_ref(&self) -> &graphql_server::Error {
        &self.0
    }
}

impl From<graphql_server::Error> for Error {
    fn from(error: graphql_server::Error) -> Self {
        Self(error)
    }
}

impl From<Error> for graphql_server::Error {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match &error {
            Diesel::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _)
            | Diesel::BrokenTransactionManager => Self::unavailable(error),
            Diesel::DatabaseError(_, info) => match sqlstate::parse(info.message()) {
                // The transaction was rolled back: a serialization failure, a deadlock, or a row that it refers to was deleted
                // meanwhile, such as a contact who was merged.
                Some("40001" | "40P01" | "23503") => Self::conflicting_change(error),
                Some(code) if out_of_service(code) => Self::unavailable(error),
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}

/// For operators: adds which settings to change.
impl From<embedded_postgres::Error> for Error {
    fn from(error: embedded_postgres::Error) -> Self {
        use embedded_postgres::Error as Postgres;
        let message = match error {
            Postgres::NotInstalled { .. } => {
                "The private PostgreSQL could not be started. Install PostgreSQL, or set DATABASE_URL to your own server."
            }
            Postgres::AlreadyServing { .. } => {
                "Another server is using this data directory. Stop it first, or choose another directory with --data-dir."
            }
            Postgres::OtherVersion { .. } => {
                "The private PostgreSQL could not be started. To move to a newer version of PostgreSQL, run `vestibule backup` \
                 while both versions are installed, then `vestibule restore` into a new data directory."
            }
            Postgres::NoClientPrograms { .. } | Postgres::ClientProgram { .. } | Postgres::Dump { .. } => {
                "The database could not be dumped or restored."
            }
            _ => "The private PostgreSQL could not be started.",
        };
        Self::new(Code::Unavailable, message).because(error)
    }
}

/// Whether the database can't serve any statement now (PostgreSQL, appendix A): connection failures (08), a read-only session, a
/// lock timeout, insufficient resources such as disk space (53), operator intervention such as a shutdown, a cancellation or a
/// statement timeout (57), and system errors (58).
fn out_of_service(code: &str) -> bool {
    matches!(code, "25006" | "55P03") || ["08", "53", "57", "58"].contains(&&code[..2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_returned_by_a_resolver_keeps_its_code() {
        let returned: async_graphql::Error = Error::not_found("id", "contact").into();
        let path = vec![async_graphql::PathSegment::Field("contact".to_owned())];
        let error = returned.into_server_error(async_graphql::Pos::default());
        let response = async_graphql::Response::from_errors(vec![error.with_path(path)]);
        let coded = graphql_server::error::with_codes::<Error>(response);
        let json = serde_json::to_value(&coded.errors[0]).expect("JSON");
        assert_eq!(json["message"], "There is no such contact.");
        assert_eq!(
            json["extensions"],
            serde_json::json!({ "code": "NOT_FOUND", "field": "id" })
        );
    }

    #[test]
    fn a_database_error_is_classified_by_its_sqlstate() {
        use diesel::result::{DatabaseErrorKind, Error as Diesel};
        let classify = |message: &str| {
            let failed = Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
            let error = Error::from(failed);
            (error.code, error.retry_after)
        };
        let gone = "57P01 Verbindung wird abgebrochen aufgrund von Anweisung des Administrators";
        assert_eq!(classify(gone), (Code::Unavailable, Some(1)));
        assert_eq!(classify("40P01 Verklemmung entdeckt"), (Code::Conflict, Some(1)));
        assert_eq!(classify("23503 Fremdschlüssel"), (Code::Conflict, Some(1)));
        assert_eq!(classify("42601 Syntaxfehler"), (Code::Internal, None));
        assert_eq!(Error::from(Diesel::NotFound).code, Code::Internal);
    }
}
