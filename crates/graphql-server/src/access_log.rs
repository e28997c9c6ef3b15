//! The access log: one event (target `access`) for each HTTP request, when the last byte of its answer is sent or its
//! client is gone, and one for each operation of a socket.
//!
//! What clients write never gets into it, as it may hold secrets: of a path only the pattern of its route, of an operation
//! only its type and its name. While a request is answered its [`Entry`] is at hand without being passed on: routes name
//! themselves by [`route`], operations by [`crate::operation_log`].

use std::borrow::Cow;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::OperationType;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request};
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::incident;
use crate::metrics::Metrics;

/// How much of an operation's name is kept.
const NAME_BYTES: usize = 64;

/// What a request is counted as whose client did not wait for the answer.
const GONE: u16 = 499;

tokio::task_local! {
    static CONTEXT: LogContext;
}

/// What an operation is logged with.
#[derive(Clone, Debug)]
pub(crate) enum LogContext {
    Request(Arc<Entry>),
    /// The request that became a socket.
    Socket(Uuid),
}

impl LogContext {
    pub(crate) fn here() -> Option<Self> {
        CONTEXT.try_with(Clone::clone).ok()
    }

    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CONTEXT.scope(self, work).await
    }

    /// The conversation that begins with this request.
    pub(crate) fn socket() -> Self {
        match Self::here() {
            Some(Self::Request(entry)) => Self::Socket(entry.id),
            Some(Self::Socket(id)) => Self::Socket(id),
            None => Self::Socket(incident()),
        }
    }
}

/// Names the route of the request at hand. Without a name it is logged as `other`.
pub fn route(pattern: impl Into<Cow<'static, str>>) {
    if let Some(LogContext::Request(entry)) = LogContext::here() {
        entry.notes().route = pattern.into();
    }
}

/// An endpoint whose requests are logged under a route of this name.
pub struct Named<P> {
    route: &'static str,
    endpoint: P,
}

impl<P> Named<P> {
    pub fn new(route: &'static str, endpoint: P) -> Self {
        Self { route, endpoint }
    }
}

impl<P: Endpoint> Endpoint for Named<P> {
    type Output = P::Output;

    async fn call(&self, request: Request) -> poem::Result<P::Output> {
        route(self.route);
        self.endpoint.call(request).await
    }
}

/// An operation, as the log and the metrics know it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// `None`: the guard refused it.
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

    /// An operation of a socket has ended.
    pub(crate) fn ended_on_socket(&self, socket: Uuid, begun: Instant) {
        let (ms, kind, name, outcome) = (ms(begun), self.kind(), shown(&self.name), self.outcome);
        tracing::info!(target: "access", %socket, kind, name, outcome, ms, "operation");
    }
}

/// What becomes known of a request on its way.
#[derive(Debug, Default)]
struct Notes {
    route: Cow<'static, str>,
    operations: Vec<Operation>,
}

/// One request. It is written to the log when it is dropped.
#[derive(Debug)]
pub(crate) struct Entry {
    pub id: Uuid,
    method: &'static str,
    begun: Instant,
    status: AtomicU16,
    bytes: AtomicU64,
    notes: Mutex<Notes>,
    metrics: Metrics,
}

impl Entry {
    pub(crate) fn begin(method: &Method, metrics: Metrics) -> Arc<Self> {
        let notes = Notes {
            route: Cow::Borrowed("other"),
            operations: Vec::new(),
        };
        Arc::new(Self {
            id: incident(),
            method: known(method),
            begun: Instant::now(),
            status: AtomicU16::new(GONE),
            bytes: AtomicU64::new(0),
            notes: Mutex::new(notes),
            metrics,
        })
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Writes an operation down, or over what was written of it: gives its place.
    pub(crate) fn note(&self, operation: &Operation, at: Option<usize>) -> usize {
        let operations = &mut self.notes().operations;
        match at.and_then(|at| operations.get_mut(at)) {
            Some(place) => place.clone_from(operation),
            None => operations.push(operation.clone()),
        }
        at.unwrap_or(operations.len() - 1)
    }

    /// Whether the answer comes from queries alone.
    pub(crate) fn only_queries(&self) -> bool {
        let operations = &self.notes().operations;
        let queries = operations
            .iter()
            .all(|operation| operation.kind == Some(OperationType::Query));
        queries && !operations.is_empty()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let status = self.status.load(Ordering::Relaxed);
        let bytes = self.bytes.load(Ordering::Relaxed);
        let notes = std::mem::take(self.notes.get_mut().unwrap_or_else(PoisonError::into_inner));
        let (id, method, route, ms) = (self.id, self.method, &*notes.route, ms(self.begun));
        self.metrics.request(route, method, status);
        match notes.operations.first() {
            None => tracing::info!(target: "access", %id, method, route, status, ms, bytes, "request"),
            Some(first) => {
                let (operations, kind) = (notes.operations.len(), first.kind());
                let (name, outcome) = (shown(&first.name), first.outcome);
                tracing::info!(
                    target: "access",
                    %id, method, route, status, ms, bytes, operations, kind, name, outcome, "request"
                );
            }
        }
    }
}

/// To a tenth of a millisecond.
fn ms(begun: Instant) -> f64 {
    (begun.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

fn known(method: &Method) -> &'static str {
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

/// A name as far as it is one: clients choose it.
fn shown(name: &str) -> &str {
    let sound = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if sound {
        &name[..name.len().min(NAME_BYTES)]
    } else {
        "-"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_nothing_but_a_name() {
        assert_eq!(shown("Counts_2"), "Counts_2");
        assert_eq!(shown(&"x".repeat(100)).len(), 64);
        for name in ["", "a b", "a\nb", "é", "a{b}"] {
            assert_eq!(shown(name), "-");
        }
    }
}
