//! What the log and the metrics learn of an operation: [`watch`] surrounds its answers, [`refused`] is for what never runs.

use async_graphql::Request;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::time::Instant;

use crate::access_log::{LogContext, Operation};
use crate::error::Code;
use crate::http::answer::Answer;
use crate::metrics::{Counted, Metrics, Open};

/// What stands for the root field of an operation that the schema does not know.
const UNKNOWN: &str = "-";

/// Notes an operation that is about to run; hand its answers to [`Watch::over`].
pub(super) fn watch(request: &mut Request, kind: OperationType, metrics: &Metrics) -> Watch {
    let named = request.operation_name.clone();
    let (name, field) = request
        .parsed_query()
        .map(|document| names(document, named.as_deref()))
        .unwrap_or_default();
    let operation = Operation {
        kind: Some(kind),
        name,
        outcome: "CANCELLED",
    };
    let context = LogContext::here();
    let at = match &context {
        Some(LogContext::Request(entry)) => Some(entry.note(&operation, None)),
        _ => None,
    };
    let open = (kind == OperationType::Subscription).then(|| metrics.open(Open::Subscription));
    Watch {
        operation,
        field,
        begun: Instant::now(),
        context,
        at,
        metrics: metrics.clone(),
        _open: open,
    }
}

/// Notes an operation that the guard refused.
pub(super) fn refused(answer: &Answer, metrics: &Metrics) {
    let operation = Operation {
        kind: None,
        name: String::new(),
        outcome: outcome(answer),
    };
    metrics.operation(operation.kind(), UNKNOWN.to_owned(), operation.outcome, None);
    match LogContext::here() {
        Some(LogContext::Request(entry)) => {
            entry.note(&operation, None);
        }
        Some(LogContext::Socket(id)) => operation.ended_on_socket(id, Instant::now()),
        None => {}
    }
}

/// The name of the operation that runs, and its first root field.
fn names(document: &ExecutableDocument, named: Option<&str>) -> (String, String) {
    let (name, operation) = match (&document.operations, named) {
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

/// An operation that runs; when it is dropped, it has ended.
pub(super) struct Watch {
    operation: Operation,
    field: String,
    begun: Instant,
    context: Option<LogContext>,
    at: Option<usize>,
    metrics: Metrics,
    _open: Option<Counted>,
}

impl Watch {
    pub(super) fn over(mut self, answers: BoxStream<'static, Answer>) -> BoxStream<'static, Answer> {
        answers.inspect(move |answer| self.hear(answer)).boxed()
    }

    /// The first answer that is not all well says how it went.
    fn hear(&mut self, answer: &Answer) {
        if matches!(self.operation.outcome, "CANCELLED" | "OK") {
            self.operation.outcome = outcome(answer);
        }
        if answer.never_ran() || self.field.is_empty() {
            UNKNOWN.clone_into(&mut self.field);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let took = match self.operation.kind {
            Some(OperationType::Subscription) => None,
            _ => Some(self.begun.elapsed()),
        };
        // Nothing may have happened that a subscription could tell. The schema has not been asked then.
        if self.operation.outcome == "CANCELLED" {
            UNKNOWN.clone_into(&mut self.field);
        }
        let field = std::mem::take(&mut self.field);
        let (kind, outcome) = (self.operation.kind(), self.operation.outcome);
        self.metrics.operation(kind, field, outcome, took);
        match &self.context {
            Some(LogContext::Request(entry)) => {
                entry.note(&self.operation, self.at);
            }
            Some(LogContext::Socket(id)) => self.operation.ended_on_socket(*id, self.begun),
            None => {}
        }
    }
}

/// `OK`, or the code of the first error.
fn outcome(answer: &Answer) -> &'static str {
    let Some(error) = answer.errors().first() else {
        return "OK";
    };
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
