//! The access log: one event (target `access`) for each HTTP request, when the last byte of its response is sent or its
//! client has disconnected, and one for each operation of a socket.
//!
//! Client input is never logged, because it may contain secrets: of a path only the pattern of its route is logged, of an
//! operation only its type and name. The [`Entry`] of the current request is a task-local: [`route`] and
//! [`crate::operation_log`] add to it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::OperationType;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request};
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::random_id;
use crate::metrics::Metrics;

/// How much of an operation's name is logged.
const MAX_NAME_BYTES: usize = 64;

/// The status that is logged if the client disconnected before the response (nginx's code).
const CLIENT_CLOSED_REQUEST: u16 = 499;

tokio::task_local! {
    static CONTEXT: LogContext;
}

/// Where an operation is logged.
#[derive(Clone, Debug)]
pub(crate) enum LogContext {
    Request(Arc<Entry>),
    /// The request that became a socket.
    Socket(Uuid),
}

impl LogContext {
    pub(crate) fn current() -> Option<Self> {
        CONTEXT.try_with(Clone::clone).ok()
    }

    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CONTEXT.scope(self, work).await
    }

    /// The context of the socket that begins with this request.
    pub(crate) fn for_socket() -> Self {
        match Self::current() {
            Some(Self::Request(entry)) => Self::Socket(entry.id),
            Some(Self::Socket(id)) => Self::Socket(id),
            None => Self::Socket(random_id()),
        }
    }
}

/// Sets the route of the current request. Without it, the request is logged as `other`.
pub fn route(pattern: impl Into<Cow<'static, str>>) {
    if let Some(LogContext::Request(entry)) = LogContext::current() {
        entry.details().route = pattern.into();
    }
}

/// An endpoint whose requests are logged with this route.
pub struct NamedRoute<P> {
    route: &'static str,
    endpoint: P,
}

impl<P> NamedRoute<P> {
    pub fn new(route: &'static str, endpoint: P) -> Self {
        Self { route, endpoint }
    }
}

impl<P: Endpoint> Endpoint for NamedRoute<P> {
    type Output = P::Output;

    async fn call(&self, request: Request) -> poem::Result<P::Output> {
        route(self.route);
        self.endpoint.call(request).await
    }
}

/// An operation, as it is logged and counted.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// `None` if the guard refused it.
    pub kind: Option<OperationType>,
    pub name: String,
    pub outcome: &'static str,
}

impl Operation {
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "-",
        }
    }

    /// Logs an operation of a socket when it has ended.
    pub(crate) fn log_on_socket(&self, socket: Uuid, started_at: Instant) {
        let (ms, kind, name, outcome) = (
            milliseconds(started_at),
            self.kind(),
            loggable_name(&self.name),
            self.outcome,
        );
        tracing::info!(target: "access", %socket, kind, name, outcome, ms, "operation");
    }
}

/// The details of a request that become known while it runs.
#[derive(Debug, Default)]
struct RequestDetails {
    /// Of a request whose trace is recorded.
    trace_id: Option<String>,
    route: Cow<'static, str>,
    operations: Vec<Operation>,
}

/// One request. It is logged when it is dropped.
#[derive(Debug)]
pub(crate) struct Entry {
    pub id: Uuid,
    pub method: &'static str,
    started_at: Instant,
    status: AtomicU16,
    bytes: AtomicU64,
    details: Mutex<RequestDetails>,
    metrics: Metrics,
}

impl Entry {
    pub(crate) fn start(method: &Method, metrics: Metrics) -> Arc<Self> {
        let details = RequestDetails {
            route: Cow::Borrowed("other"),
            ..RequestDetails::default()
        };
        Arc::new(Self {
            id: random_id(),
            method: method_name(method),
            started_at: Instant::now(),
            status: AtomicU16::new(CLIENT_CLOSED_REQUEST),
            bytes: AtomicU64::new(0),
            details: Mutex::new(details),
            metrics,
        })
    }

    pub(crate) fn set_trace_id(&self, id: Option<String>) {
        self.details().trace_id = id;
    }

    pub(crate) fn route(&self) -> Cow<'static, str> {
        self.details().route.clone()
    }

    pub(crate) fn set_status(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Ordering::Relaxed);
    }

    pub(crate) fn add_sent_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Records an operation, or replaces the one at `index`. Returns its index.
    pub(crate) fn record_operation(&self, operation: &Operation, index: Option<usize>) -> usize {
        let operations = &mut self.details().operations;
        match index.and_then(|index| operations.get_mut(index)) {
            Some(recorded) => recorded.clone_from(operation),
            None => operations.push(operation.clone()),
        }
        index.unwrap_or(operations.len() - 1)
    }

    /// Whether the response is that of queries only.
    pub(crate) fn has_only_queries(&self) -> bool {
        let operations = &self.details().operations;
        let all_queries = operations
            .iter()
            .all(|operation| operation.kind == Some(OperationType::Query));
        all_queries && !operations.is_empty()
    }

    fn details(&self) -> MutexGuard<'_, RequestDetails> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let status = self.status.load(Ordering::Relaxed);
        let bytes = self.bytes.load(Ordering::Relaxed);
        let details = std::mem::take(self.details.get_mut().unwrap_or_else(PoisonError::into_inner));
        let (id, method, route, ms) = (
            self.id,
            self.method,
            &*details.route,
            milliseconds(self.started_at),
        );
        let trace_id = details.trace_id.as_deref();
        self.metrics.request(route, method, status);
        match details.operations.first() {
            None => {
                tracing::info!(target: "access", %id, trace_id, method, route, status, ms, bytes, "request")
            }
            Some(first) => {
                let (operations, kind) = (details.operations.len(), first.kind());
                let (name, outcome) = (loggable_name(&first.name), first.outcome);
                tracing::info!(
                    target: "access",
                    %id, trace_id, method, route, status, ms, bytes, operations, kind, name, outcome, "request"
                );
            }
        }
    }
}

/// Rounded to a tenth of a millisecond.
fn milliseconds(started_at: Instant) -> f64 {
    (started_at.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

fn loggable_name(name: &str) -> &str {
    valid_name(name).unwrap_or("-")
}

/// The name if it is a valid one, shortened: clients choose it.
pub(crate) fn valid_name(name: &str) -> Option<&str> {
    let valid = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    valid.then(|| &name[..name.len().min(MAX_NAME_BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_name_is_short_and_valid() {
        assert_eq!(loggable_name("Counts_2"), "Counts_2");
        assert_eq!(loggable_name(&"x".repeat(100)).len(), 64);
        for name in ["", "a b", "a\nb", "é", "a{b}"] {
            assert_eq!(loggable_name(name), "-");
        }
    }
}
