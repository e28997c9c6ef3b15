//! Wraps every request and response, on all routes.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use poem::{Endpoint, Request, Response};
use tracing::{Instrument, Span};

use crate::access_log::{Entry, LogContext};
use crate::compress::{self, ContentCoding};
use crate::headers;
use crate::http::result::ExecutionResult;
use crate::log_limit::LogLimit;
use crate::metrics::Metrics;
use crate::proxies::{ProxySettings, RequestSource};
use crate::trace;

/// The id of a request, in the response and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Shared by all connections.
#[derive(Debug)]
pub(super) struct Middleware {
    pub https: bool,
    pub metrics: Metrics,
    pub proxies: ProxySettings,
    pub undeclared_proxy_advice: &'static str,
    pub warnings: LogLimit,
}

impl Middleware {
    /// The source of the request, according to trusted proxies.
    pub(super) fn source(&self, peer: SocketAddr, headers: &HeaderMap) -> RequestSource {
        let mut forwarded = headers.get_all(FORWARDED).iter().peekable();
        let forwards = forwarded.peek().is_some();
        let lines = forwarded.map(|line| line.to_str().unwrap_or_default());
        let source = self.proxies.source(peer.ip(), lines);
        if source.undeclared_proxy && forwards {
            self.warn_undeclared(source.address);
        }
        source
    }

    fn warn_undeclared(&self, proxy: IpAddr) {
        if let Some(held_back) = self.warnings.allow_now("undeclared proxy") {
            tracing::warn!(
                %proxy,
                held_back,
                "X-Forwarded-For comes from a proxy that is not declared: limits per client are off. {}",
                self.undeclared_proxy_advice
            );
        }
    }

    /// Returns the response and its log entry, which is written when it is dropped.
    pub(super) async fn respond<P: Endpoint>(
        &self,
        endpoint: &P,
        request: Request,
    ) -> (Response, Arc<Entry>) {
        let entry = Entry::start(request.method(), self.metrics.clone());
        let log_context = LogContext::Request(Arc::clone(&entry));
        let id = entry.id.to_string();
        let traced = start_trace(&request, &entry);
        // Of the log lines alone: a socket keeps it for as long as it is open.
        let span = tracing::info_span!(parent: None, "request", id);
        let coding = ContentCoding::negotiate(request.headers());
        let outcome = AssertUnwindSafe(Box::pin(endpoint.get_response(request))).catch_unwind();
        let outcome = outcome.instrument(span).instrument(traced.clone());
        let outcome = log_context.scope(outcome).await;
        let mut response = outcome.unwrap_or_else(|_| panicked());
        if entry.has_only_queries() {
            response = compress::compress_response(response, coding).await;
        }
        headers::add(response.headers_mut(), self.https);
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        entry.set_status(response.status());
        trace::record_response(&traced, &entry, response.status());
        (response, entry)
    }
}

/// Paths that supervisors and monitors request every few seconds: nobody needs a trace of them.
const UNTRACED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Continues the trace of the client, if that is trusted.
fn start_trace(request: &Request, entry: &Entry) -> Span {
    if UNTRACED.contains(&request.uri().path().trim_end_matches('/')) {
        return Span::none();
    }
    let source = request.extensions().get::<RequestSource>();
    let trusted = source.is_some_and(|source| source.trusted_trace);
    let span = trace::request_span(entry.method, trusted.then(|| request.headers()));
    if !span.is_disabled() {
        entry.set_trace_id(span.in_scope(trace::current_id));
    }
    span
}

fn panicked() -> Response {
    let body = ExecutionResult::internal_failure("a handler panicked")
        .json()
        .to_owned();
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .content_type("application/json; charset=utf-8")
        .body(body)
}
