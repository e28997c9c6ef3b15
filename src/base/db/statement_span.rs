//! The spans of statements: verbs and tables, never values. Only statements of a recorded trace have one: those of the loops that
//! look for work would be traces of their own.

mod summary;

use std::collections::VecDeque;

use diesel::connection::DebugQuery;
use diesel::result::Error as DieselError;
use tracing::Span;
use tracing::field::Empty;

use super::sqlstate;
use crate::base::trace::{TARGET, is_recorded};

/// The statements of a connection that have no response yet, in the order in which they were sent and PostgreSQL responds.
#[derive(Default)]
pub(super) struct OpenStatements(VecDeque<Span>);

impl OpenStatements {
    pub(super) fn start(&mut self) {
        self.0.push_back(span());
    }

    /// `query` is the text without its values.
    pub(super) fn finish(&mut self, query: &dyn DebugQuery, error: Option<&DieselError>) {
        let span = self.0.pop_front().unwrap_or_else(Span::none);
        if span.is_disabled() {
            return;
        }
        let summary = summary::summarize(&query.to_string());
        span.record("otel.name", &summary);
        span.record("db.query.summary", summary);
        if let Some(error) = error {
            span.record("error.type", error_type(error));
            span.record("otel.status_code", "ERROR");
        }
    }
}

fn span() -> Span {
    if !is_recorded() {
        return Span::none();
    }
    tracing::info_span!(
        target: TARGET,
        "statement",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = "postgresql",
        db.query.summary = Empty,
        "error.type" = Empty,
    )
}

/// The code of PostgreSQL. Its message may quote values.
fn error_type(error: &DieselError) -> &str {
    match error {
        DieselError::DatabaseError(_, info) => sqlstate::parse(info.message()).unwrap_or("database"),
        DieselError::NotFound => "not_found",
        _ => "client",
    }
}
