//! Spans of what the worker does. Those of requests, operations and statements are made where they pass: in `graphql_server::trace` and
//! [`super::db::statement_span`]. A span never holds an address, a text, or the id of a person.

use tracing::Span;
use tracing::field::Empty;

pub(crate) use graphql_server::trace::{TARGET, is_recorded};

/// One turn of a loop that found work.
pub(crate) fn turn_span(name: &'static str, kind: Option<&'static str>, size: Option<usize>) -> Span {
    tracing::info_span!(
        target: TARGET,
        "turn",
        otel.name = name,
        otel.kind = "consumer",
        vestibule.kind = kind,
        vestibule.size = size,
    )
}

/// The attempt to send a message.
pub(crate) fn send_span(name: &'static str, kind: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "send",
        otel.name = name,
        otel.kind = "client",
        otel.status_code = Empty,
        vestibule.kind = kind,
        vestibule.outcome = Empty,
    )
}
