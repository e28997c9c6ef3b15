//! The guard before execution, the same for every transport: HTTP, batch, upload, socket and event stream.
//!
//! A text is measured ([`scan`]), parsed once, analysed once ([`analysis`]) and kept with its parsed form, so that a
//! document that comes again costs a look-up. Its cost is a sum that is worked out for the variables of each request.
//! Nothing here follows a fragment twice: a document whose fragments double at each step is refused as fast as any other.
//!
//! A new limit: a number in [`Limits`], what it counts in [`analysis::Size`], and a test.

mod analysis;
mod cost;
mod documents;
mod field_facts;
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
use crate::http::answer::Answer;
use crate::idempotency::IdempotencyKey;
use analysis::Analysis;
use documents::{Document, DocumentCache};
pub use field_facts::FieldFacts;
use limits::{Budget, Limits};
use schema_index::SchemaIndex;

/// A request that may run, with what the transports must know of it.
pub(crate) struct Prepared {
    pub request: Request,
    pub kind: OperationType,
    pub ignores_credential: bool,
    /// Of a mutation or a subscription.
    pub facts: Option<Facts>,
    pub idempotency_key: Option<IdempotencyKey>,
    /// Of its credential's check and its execution together.
    pub deadline: Deadline,
    /// Shared by the queries of the request.
    pub calls: Arc<CallBudget>,
}

/// What makes an operation the same as another one, and what is special about its field.
pub(crate) struct Facts {
    /// The hash of its document.
    pub document: [u8; 32],
    /// Its field, where it has only one.
    pub only_field: Option<String>,
    pub secret_answer: bool,
    pub shared_stream: bool,
}

/// Checks the documents of one schema before they run: limits, cost, persisted queries.
pub struct QueryGuard {
    pub(crate) limits: Limits,
    schema_index: SchemaIndex,
    fields: FieldFacts,
    documents: DocumentCache,
}

impl QueryGuard {
    /// For the schema in its own language.
    pub fn new(sdl: &str, limits: Limits, fields: FieldFacts) -> Self {
        Self {
            limits,
            schema_index: SchemaIndex::of(sdl),
            fields,
            documents: DocumentCache::default(),
        }
    }

    /// What one HTTP request, or one message of a socket, may spend.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.limits)
    }

    /// Looks at a request before anything of it runs.
    pub(crate) fn prepare(
        &self,
        mut request: Request,
        budget: &mut Budget,
        deadline: Deadline,
    ) -> Result<Prepared, Answer> {
        let refused = |error: Error| Answer::refused(&error);
        let document = self.document(&request).map_err(|fault| match fault {
            Fault::Refused(error) => Answer::refused(&error),
            Fault::Unparsed(error) => Answer::failed(error::parse_failed(error)),
        })?;
        let operation = self.admit(&document, &request, budget).map_err(refused)?;
        let (kind, ignores_credential) = (operation.ty, self.ignores_credential(operation));
        let facts = (kind != OperationType::Query).then(|| self.facts(operation, document.hash));
        request.query = String::new();
        request.set_parsed_query(document.parsed.clone());
        Ok(Prepared {
            request,
            kind,
            ignores_credential,
            facts,
            idempotency_key: None,
            deadline,
            calls: budget.calls(),
        })
    }

    fn admit<'a>(
        &self,
        document: &'a Document,
        request: &Request,
        budget: &mut Budget,
    ) -> Result<&'a OperationDefinition> {
        let (name, operation) = selected(&document.parsed, request.operation_name.as_deref())?;
        needs(operation, &request.variables)?;
        self.limits.variables(values(&request.variables))?;
        let roots = document.analysis.roots(name);
        if operation.ty == OperationType::Subscription && roots != 1 {
            let words = "A subscription must have exactly one root field.";
            return Err(Error::new(Code::GraphqlValidationFailed, words).at("query"));
        }
        budget.spend(roots, document.analysis.cost(name, &request.variables))?;
        Ok(operation)
    }

    fn facts(&self, operation: &OperationDefinition, document: [u8; 32]) -> Facts {
        let only_field = only_field(operation);
        let among = |ty, names: &[&str]| {
            operation.ty == ty && only_field.as_deref().is_some_and(|field| names.contains(&field))
        };
        Facts {
            document,
            secret_answer: among(OperationType::Mutation, &self.fields.secret_answer),
            shared_stream: among(OperationType::Subscription, &self.fields.shared_stream),
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

    fn document(&self, request: &Request) -> Result<Arc<Document>, Fault> {
        let text = request.query.as_str();
        let Some(named) = persisted::named(request)? else {
            return self.known(text, Sha256::digest(text).into());
        };
        if text.is_empty() {
            return self
                .documents
                .get(&named)
                .ok_or_else(|| Error::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound").into());
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        if hash != named {
            let words = "This is not the SHA-256 of `query`, in hexadecimal.";
            return Err(Error::bad_input("extensions.persistedQuery.sha256Hash", words).into());
        }
        self.known(text, hash)
    }

    fn known(&self, text: &str, hash: [u8; 32]) -> Result<Arc<Document>, Fault> {
        if let Some(kept) = self.documents.get(&hash) {
            return Ok(kept);
        }
        let document = Arc::new(self.read(text, hash)?);
        self.documents.keep(hash, &document);
        Ok(document)
    }

    fn read(&self, text: &str, hash: [u8; 32]) -> Result<Document, Fault> {
        if text.trim().is_empty() {
            return Err(Error::bad_input("query", "`query` is missing.").into());
        }
        self.limits.text(text, scan::weigh)?;
        let parsed = parse_query(text).map_err(|error| Fault::Unparsed(error.into()))?;
        let analysis =
            Analysis::of(&parsed, &self.schema_index).map_err(|analysis::FragmentCycle(name)| {
                let words = format!("The fragment `{}` contains itself.", error::one_line(&name));
                Error::new(Code::GraphqlValidationFailed, words).at("query")
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

/// Why a document is not to be had.
enum Fault {
    Refused(Error),
    Unparsed(ServerError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// How many values there are inside the variables.
fn values(variables: &Variables) -> usize {
    fn inside(value: &Value) -> usize {
        match value {
            Value::List(items) => 1 + items.iter().map(inside).sum::<usize>(),
            Value::Object(fields) => 1 + fields.values().map(inside).sum::<usize>(),
            _ => 1,
        }
    }
    variables.values().map(inside).sum()
}

/// A variable that has to be there stops the whole request; the engine would notice it in the middle of the execution.
fn needs(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let there = match variables.get(name) {
            Some(value) => *value != Value::Null,
            None => definition.default_value.is_some(),
        };
        if !there && !definition.var_type.node.nullable {
            return Err(Error::bad_input(
                error::one_line(name),
                "This variable must have a value.",
            ));
        }
    }
    Ok(())
}

fn selected<'a>(
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
