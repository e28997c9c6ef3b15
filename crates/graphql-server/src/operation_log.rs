//! Logs, counts and traces operations: [`start`] for those that run, [`record_refused`] for those that don't.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, ServerError};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::Instant;
use tracing::Span;

use crate::access_log::{LogContext, Operation, valid_name};
use crate::error::Code;
use crate::http::result::ExecutionResult;
use crate::metrics::{GaugeGuard, Metrics, OpenGauge};
use crate::trace;

/// The label for a root field that the schema does not have.
const UNKNOWN_FIELD: &str = "-";

/// Records an operation that is about to run. Pass its results through [`OperationWatch::wrap`].
pub(super) fn start(request: &mut Request, kind: OperationType, metrics: &Metrics) -> OperationWatch {
    let operation_name = request.operation_name.clone();
    let (name, field) = request
        .parsed_query()
        .map(|document| operation_names(document, operation_name.as_deref()))
        .unwrap_or_default();
    let operation = Operation {
        kind: Some(kind),
        name,
        outcome: "CANCELLED",
    };
    let context = LogContext::current();
    let entry = match &context {
        Some(LogContext::Request(entry)) => Some(entry),
        _ => None,
    };
    let log_index = entry.map(|entry| entry.record_operation(&operation, None));
    let method = entry.map(|entry| entry.method);
    let span = trace::operation_span(operation.kind(), valid_name(&operation.name), method);
    let open = (kind == OperationType::Subscription).then(|| metrics.open(OpenGauge::Subscription));
    OperationWatch {
        operation,
        field,
        span,
        started_at: Instant::now(),
        context,
        log_index,
        metrics: metrics.clone(),
        _open: open,
    }
}

/// Records an operation that the guard refused.
pub(super) fn record_refused(result: &ExecutionResult, metrics: &Metrics) {
    let operation = Operation {
        kind: None,
        name: String::new(),
        outcome: codes(result).first().unwrap_or(&"OK"),
    };
    metrics.operation(
        operation.kind(),
        UNKNOWN_FIELD.to_owned(),
        operation.outcome,
        None,
    );
    match LogContext::current() {
        Some(LogContext::Request(entry)) => {
            entry.record_operation(&operation, None);
        }
        Some(LogContext::Socket(id)) => operation.log_on_socket(id, Instant::now()),
        None => {}
    }
}

/// The name of the selected operation, and its first root field.
fn operation_names(document: &ExecutableDocument, operation_name: Option<&str>) -> (String, String) {
    let (name, operation) = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), name) => (name, Some(operation)),
        (DocumentOperations::Multiple(all), Some(name)) => (Some(name), all.get(name)),
        (DocumentOperations::Multiple(all), None) => match all.iter().next() {
            Some((name, operation)) => (Some(name.as_str()), Some(operation)),
            None => (None, None),
        },
    };
    let field = operation.and_then(|operation| first_field(&operation.node));
    (name.unwrap_or_default().to_owned(), field.unwrap_or_default())
}

fn first_field(operation: &OperationDefinition) -> Option<String> {
    let items = &operation.selection_set.node.items;
    items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => Some(field.node.name.node.to_string()),
        _ => None,
    })
}

/// A running operation. It is logged when it is dropped.
pub(super) struct OperationWatch {
    operation: Operation,
    field: String,
    span: Span,
    started_at: Instant,
    context: Option<LogContext>,
    log_index: Option<usize>,
    metrics: Metrics,
    _open: Option<GaugeGuard>,
}

impl OperationWatch {
    /// For work of the operation that runs in its own task.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(super) fn wrap(
        mut self,
        results: BoxStream<'static, ExecutionResult>,
    ) -> BoxStream<'static, ExecutionResult> {
        let span = self.span();
        let results = results.inspect(move |result| self.record(result)).boxed();
        in_span(span, results)
    }

    /// The first error determines the outcome.
    fn record(&mut self, result: &ExecutionResult) {
        if matches!(self.operation.outcome, "CANCELLED" | "OK") {
            let codes = codes(result);
            trace::record_errors(&self.span, &codes);
            self.operation.outcome = codes.first().unwrap_or(&"OK");
        }
        if result.never_ran() || self.field.is_empty() {
            UNKNOWN_FIELD.clone_into(&mut self.field);
        }
    }
}

impl Drop for OperationWatch {
    fn drop(&mut self) {
        let duration = match self.operation.kind {
            Some(OperationType::Subscription) => None,
            _ => Some(self.started_at.elapsed()),
        };
        // A cancelled operation may not have been validated, so its field may not exist.
        if self.operation.outcome == "CANCELLED" {
            UNKNOWN_FIELD.clone_into(&mut self.field);
        }
        let field = std::mem::take(&mut self.field);
        let (kind, outcome) = (self.operation.kind(), self.operation.outcome);
        self.metrics.operation(kind, field, outcome, duration);
        match &self.context {
            Some(LogContext::Request(entry)) => {
                entry.record_operation(&self.operation, self.log_index);
            }
            Some(LogContext::Socket(id)) => self.operation.log_on_socket(*id, self.started_at),
            None => {}
        }
    }
}

/// The codes of the errors, each once, the first error's first.
fn codes(result: &ExecutionResult) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for error in result.errors() {
        let code = code(error);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn code(error: &ServerError) -> &'static str {
    let code = error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("code"));
    let text = match code {
        Some(async_graphql::Value::String(text)) => text.as_str(),
        _ => "",
    };
    let mut known = Code::ALL.iter().map(|code| code.as_str());
    known.find(|known| *known == text).unwrap_or("INTERNAL")
}

/// Results that are made within the span.
fn in_span(
    span: Span,
    mut results: BoxStream<'static, ExecutionResult>,
) -> BoxStream<'static, ExecutionResult> {
    if span.is_disabled() {
        return results;
    }
    stream::poll_fn(move |context| span.in_scope(|| results.poll_next_unpin(context))).boxed()
}
