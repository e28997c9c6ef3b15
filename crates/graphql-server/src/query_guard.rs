//! The guard before execution, the same for every transport: HTTP, batch, upload, socket and event stream.
//!
//! A text is measured ([`scan`]), parsed once, analysed once ([`analysis`]) and cached in its parsed form, so that a
//! repeated document costs a lookup. Its cost is an expression that is evaluated with the variables of each request. Each
//! fragment is analysed once: a document whose fragments double at each step is refused as fast as any other.
//!
//! To add a limit: a number in [`Limits`], what it counts in [`analysis::Size`], and a test.

mod analysis;
mod cost;
mod documents;
mod field_options;
pub(crate) mod limits;
pub(crate) mod persisted;
mod scan;
mod schema_index;

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Name, Request, ServerError, Value, Variables};
use sha2::{Digest, Sha256};

use crate::call_budget::CallBudget;
use crate::deadline::Deadline;
use crate::error::{self, Code, Error, Result};
use crate::http::result::ExecutionResult;
use crate::idempotency::IdempotencyKey;
use analysis::Analysis;
use documents::{Document, DocumentCache};
pub use field_options::FieldOptions;
use limits::{Budget, Limits};
use schema_index::SchemaIndex;

/// A request that passed the guard, with everything the transports need to run it.
pub(crate) struct PreparedOperation {
    pub request: Request,
    pub kind: OperationType,
    pub ignores_credential: bool,
    /// For a mutation or a subscription.
    pub info: Option<OperationInfo>,
    pub idempotency_key: Option<IdempotencyKey>,
    /// Covers authentication and execution.
    pub deadline: Deadline,
    /// Shared by the queries of the request.
    pub calls: Arc<CallBudget>,
}

/// The identity of an operation, and the options of its root field.
pub(crate) struct OperationInfo {
    /// The hash of its document.
    pub document: [u8; 32],
    /// The root field, if there is exactly one.
    pub only_field: Option<String>,
    pub secret_response: bool,
    pub shared_stream: bool,
}

/// Checks the documents of one schema before they run: limits, cost, persisted queries.
pub struct QueryGuard {
    pub(crate) limits: Limits,
    schema_index: SchemaIndex,
    fields: FieldOptions,
    documents: DocumentCache,
}

impl QueryGuard {
    /// `sdl` is the schema in the schema definition language.
    pub fn new(sdl: &str, limits: Limits, fields: FieldOptions) -> Self {
        Self {
            limits,
            schema_index: SchemaIndex::parse(sdl),
            fields,
            documents: DocumentCache::default(),
        }
    }

    /// The budget of one HTTP request, or one message of a socket.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.limits)
    }

    /// Checks a request before any of it runs.
    pub(crate) fn prepare(
        &self,
        mut request: Request,
        budget: &mut Budget,
        deadline: Deadline,
    ) -> Result<PreparedOperation, ExecutionResult> {
        let refused = |error: Error| ExecutionResult::refused(&error);
        let document = self.document(&request).map_err(|error| match error {
            DocumentError::Refused(error) => ExecutionResult::refused(&error),
            DocumentError::Unparsed(error) => ExecutionResult::failed(error::parse_failed(error)),
        })?;
        let operation = self.check(&document, &request, budget).map_err(refused)?;
        let (kind, ignores_credential) = (operation.ty, self.ignores_credential(operation));
        let info = (kind != OperationType::Query).then(|| self.operation_info(operation, document.hash));
        request.query = String::new();
        request.set_parsed_query(document.parsed.clone());
        Ok(PreparedOperation {
            request,
            kind,
            ignores_credential,
            info,
            idempotency_key: None,
            deadline,
            calls: budget.calls(),
        })
    }

    fn check<'a>(
        &self,
        document: &'a Document,
        request: &Request,
        budget: &mut Budget,
    ) -> Result<&'a OperationDefinition> {
        let (name, operation) = select_operation(&document.parsed, request.operation_name.as_deref())?;
        require_variables(operation, &request.variables)?;
        self.limits.variables(count_values(&request.variables))?;
        let roots = document.analysis.roots(name);
        if operation.ty == OperationType::Subscription && roots != 1 {
            let message = "A subscription must have exactly one root field.";
            return Err(Error::new(Code::GraphqlValidationFailed, message).at("query"));
        }
        budget.spend(roots, document.analysis.cost(name, &request.variables))?;
        Ok(operation)
    }

    fn operation_info(&self, operation: &OperationDefinition, document: [u8; 32]) -> OperationInfo {
        let only_field = only_field(operation);
        let is_one_of = |ty, names: &[&str]| {
            operation.ty == ty && only_field.as_deref().is_some_and(|field| names.contains(&field))
        };
        OperationInfo {
            document,
            secret_response: is_one_of(OperationType::Mutation, &self.fields.secret_response),
            shared_stream: is_one_of(OperationType::Subscription, &self.fields.shared_stream),
            only_field,
        }
    }

    fn ignores_credential(&self, operation: &OperationDefinition) -> bool {
        let fields = &operation.selection_set.node.items;
        operation.ty == OperationType::Mutation
            && fields.iter().all(|item| match &item.node {
                Selection::Field(field) => {
                    let names = &self.fields.ignore_credential;
                    names.contains(&field.node.name.node.as_str())
                }
                _ => false,
            })
    }

    fn document(&self, request: &Request) -> Result<Arc<Document>, DocumentError> {
        let text = request.query.as_str();
        let Some(requested) = persisted::requested_hash(request)? else {
            return self.cached_or_parsed(text, Sha256::digest(text).into());
        };
        if text.is_empty() {
            return self
                .documents
                .get(&requested)
                .ok_or_else(|| Error::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound").into());
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        if hash != requested {
            let message = "This is not the SHA-256 of `query`, in hexadecimal.";
            return Err(Error::bad_input("extensions.persistedQuery.sha256Hash", message).into());
        }
        self.cached_or_parsed(text, hash)
    }

    fn cached_or_parsed(&self, text: &str, hash: [u8; 32]) -> Result<Arc<Document>, DocumentError> {
        if let Some(cached) = self.documents.get(&hash) {
            return Ok(cached);
        }
        let document = Arc::new(self.parse(text, hash)?);
        self.documents.insert(hash, &document);
        Ok(document)
    }

    fn parse(&self, text: &str, hash: [u8; 32]) -> Result<Document, DocumentError> {
        if text.trim().is_empty() {
            return Err(Error::bad_input("query", "`query` is missing.").into());
        }
        self.limits.text(text, scan::count_tokens)?;
        let parsed = parse_query(text).map_err(|error| DocumentError::Unparsed(error.into()))?;
        let analysis =
            Analysis::new(&parsed, &self.schema_index).map_err(|analysis::FragmentCycle(name)| {
                let message = format!("The fragment `{}` contains itself.", error::one_line(&name));
                Error::new(Code::GraphqlValidationFailed, message).at("query")
            })?;
        self.limits.document(&analysis.size)?;
        Ok(Document {
            parsed,
            analysis,
            hash,
            bytes: text.len(),
        })
    }
}

/// Why there is no document to run.
enum DocumentError {
    Refused(Error),
    Unparsed(ServerError),
}

impl From<Error> for DocumentError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The number of values in the variables, including nested ones.
fn count_values(variables: &Variables) -> usize {
    fn count(value: &Value) -> usize {
        match value {
            Value::List(items) => 1 + items.iter().map(count).sum::<usize>(),
            Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
            _ => 1,
        }
    }
    variables.values().map(count).sum()
}

/// Refuses the request if a required variable is missing: async-graphql would notice it only during the execution.
fn require_variables(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let has_value = match variables.get(name) {
            Some(value) => *value != Value::Null,
            None => definition.default_value.is_some(),
        };
        if !has_value && !definition.var_type.node.nullable {
            return Err(Error::bad_input(
                error::one_line(name),
                "This variable must have a value.",
            ));
        }
    }
    Ok(())
}

fn select_operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a Name>, &'a OperationDefinition)> {
    let unknown = || Error::bad_input("operationName", "The document has no operation of that name.");
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok((None, &operation.node)),
        (DocumentOperations::Single(_), Some(_)) => Err(unknown()),
        (DocumentOperations::Multiple(named), Some(name)) => {
            let (name, found) = named.get_key_value(name).ok_or_else(unknown)?;
            Ok((Some(name), &found.node))
        }
        (DocumentOperations::Multiple(named), None) => {
            let mut all = named.iter();
            match (all.next(), all.next()) {
                (Some((name, only)), None) => Ok((Some(name), &only.node)),
                _ => Err(Error::bad_input(
                    "operationName",
                    "The document has several operations: name the one to run.",
                )),
            }
        }
    }
}

fn only_field(operation: &OperationDefinition) -> Option<String> {
    match operation.selection_set.node.items.as_slice() {
        [item] => match &item.node {
            Selection::Field(field) => Some(field.node.name.node.to_string()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
