//! Traces: the spans of requests and operations, which a subscriber exports, for example to OpenTelemetry.
//!
//! They have the target [`TARGET`]: the subscriber enables it to export them, and the log leaves it out. Without a subscriber that
//! enables it, no span is made. Like the log, they hold no input of clients: of a path only the pattern of its route, of an operation
//! only its type and name.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use poem::http::{HeaderMap, StatusCode};
use tracing::Span;
use tracing::field::Empty;

use crate::access_log::Entry;

/// The target of the spans that are exported.
pub const TARGET: &str = "trace";

/// The W3C header with the trace of the client.
const TRACEPARENT: &str = "traceparent";

/// The id of the current trace, if it is recorded.
pub fn current_id() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        let recorded = span.is_valid() && span.is_sampled();
        recorded.then(|| span.trace_id().to_string())
    })
}

/// Whether the current work belongs to a trace that is recorded.
pub fn is_recorded() -> bool {
    Context::map_current(|context| context.span().span_context().is_sampled())
}

/// The span of a request. It continues the trace that the headers name, if they are given.
pub(crate) fn request_span(method: &'static str, headers: Option<&HeaderMap>) -> Span {
    let parent = headers.and_then(parent).map(|parent| {
        let context = Context::new().with_remote_span_context(parent);
        context.attach()
    });
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
    );
    drop(parent);
    span
}

/// Adds what is known when the request has a response.
pub(crate) fn record_response(span: &Span, entry: &Entry, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    let route = entry.route();
    // A field renames a span only before it is entered.
    let name = format!("{} {route}", entry.method);
    span.in_scope(|| Context::map_current(|context| context.span().update_name(name)));
    span.record("http.route", &*route);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of an operation. Its name is valid and short.
pub(crate) fn operation_span(kind: &'static str, name: Option<&str>, method: Option<&str>) -> Span {
    tracing::info_span!(
        target: TARGET,
        "operation",
        otel.name = format!("{kind} {}", name.unwrap_or("anonymous")),
        otel.status_code = Empty,
        "graphql.operation.type" = kind,
        graphql.operation.name = name,
        graphql.error.codes = Empty,
        http.request.method = method,
        "error.type" = Empty,
    )
}

/// Adds the codes of the operation's errors. What the caller did wrong is no error of the span.
pub(crate) fn record_errors(span: &Span, codes: &[&'static str]) {
    let Some(first) = codes.first().filter(|_| !span.is_disabled()) else {
        return;
    };
    span.record("error.type", first);
    span.record("graphql.error.codes", codes.join(","));
    if codes
        .iter()
        .any(|code| ["INTERNAL", "UNAVAILABLE"].contains(code))
    {
        span.record("otel.status_code", "ERROR");
    }
}

fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    parse(headers.get(TRACEPARENT)?.to_str().ok()?)
}

/// Reads `00-<trace id>-<span id>-<flags>`; later versions may add parts (W3C Trace Context, level 1).
fn parse(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace) = (hex(parts.next()?, 2)?, hex(parts.next()?, 32)?);
    let (span, flags) = (hex(parts.next()?, 16)?, hex(parts.next()?, 2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let trace = TraceId::from_hex(trace).ok()?;
    let span = SpanId::from_hex(span).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    Some(context).filter(SpanContext::is_valid)
}

fn hex(text: &str, length: usize) -> Option<&str> {
    let valid = text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    valid.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_traceparent_names_a_trace_and_whether_it_is_sampled() {
        for (flags, sampled) in [("01", true), ("00", false), ("03", true)] {
            let context = parse(&format!("00-{TRACE}-00f067aa0ba902b7-{flags}")).expect("a parent");
            assert_eq!(context.trace_id().to_string(), TRACE);
            assert_eq!(context.span_id().to_string(), "00f067aa0ba902b7");
            assert_eq!((context.is_sampled(), context.is_remote()), (sampled, true));
        }
        let later = format!("01-{TRACE}-00f067aa0ba902b7-01-more");
        assert!(parse(&later).is_some());
    }

    #[test]
    fn a_malformed_traceparent_is_ignored() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
