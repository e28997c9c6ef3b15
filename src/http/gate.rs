//! The one gate before execution, for every transport: HTTP, batch, upload, socket and event stream.
//!
//! A text is weighed ([`scan`]), parsed once, looked through once ([`plan`]) and kept with its parsed form, so that a
//! document that comes again costs a look-up. Its cost is a sum that is worked out for the variables of each request.
//! Nothing here follows a fragment twice: a document whose fragments double at each step is refused as fast as any other.
//!
//! A new limit: a number in [`limits::Limits`], what it counts in [`plan::Size`], a line in docs/limits.md and a test.

mod cost;
mod documents;
pub mod limits;
pub mod persisted;
mod plan;
mod scan;
mod shapes;

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Name, Request, ServerError, Value, Variables};
use sha2::{Digest, Sha256};

use crate::db::deadline::Deadline;
use crate::db::share::Statements;
use crate::error::{Code, Error, Result};
use crate::graphql::fault;
use crate::http::graphql::answer::Answer;
use crate::http::graphql::once::OnceKey;
use documents::{Document, Kept};
use limits::{Budget, Limits};
use plan::Plan;
use shapes::Shapes;

/// The mutations that sign in, and the one that says who did not: they ignore the credential, so that a refresh works beside
/// a stale one.
pub const SIGN_IN_FIELDS: [&str; 11] = [
    "requestLoginEmail",
    "requestLoginCode",
    "signInWithCode",
    "signInWithChallenge",
    "signInWithMagicLink",
    "signInWithPassword",
    "signInWithGoogle",
    "requestPasswordReset",
    "resetPassword",
    "refreshSession",
    "reportNotMe",
];

/// A request that may run, with what the transports must know of it.
pub struct Prepared {
    pub request: Request,
    pub kind: OperationType,
    pub signs_in: bool,
    /// Of a mutation or a subscription.
    pub facts: Option<Facts>,
    /// The client may repeat it.
    pub once: Option<OnceKey>,
    /// Of its credential's check and its execution together.
    pub deadline: Deadline,
    /// Where the statements of a query are counted.
    pub statements: Arc<Statements>,
}

/// What makes an operation the same as another one.
pub struct Facts {
    /// The hash of its document.
    pub document: [u8; 32],
    /// Its field, where it has only one.
    pub only_field: Option<String>,
}

/// The gate of one schema.
pub struct Gate {
    pub limits: Limits,
    shapes: Shapes,
    kept: Kept,
}

impl Gate {
    pub fn new(sdl: &str, limits: Limits) -> Self {
        Self {
            limits,
            shapes: Shapes::of(sdl),
            kept: Kept::default(),
        }
    }

    /// What one HTTP request, or one message of a socket, may spend.
    pub fn budget(&self) -> Budget {
        Budget::new(self.limits)
    }

    /// Looks at a request before anything of it runs.
    pub fn prepare(&self, mut request: Request, budget: &mut Budget) -> Result<Prepared, Answer> {
        let refused = |error: Error| Answer::refused(&error);
        let document = self.document(&request).map_err(|fault| match fault {
            Fault::Refused(error) => Answer::refused(&error),
            Fault::Unparsed(error) => Answer::failed(fault::parse_failed(error)),
        })?;
        let operation = self.admit(&document, &request, budget).map_err(refused)?;
        let (kind, signs_in) = (operation.ty, signs_in(operation));
        let facts = (kind != OperationType::Query).then(|| Facts {
            document: document.hash,
            only_field: only_field(operation),
        });
        request.query = String::new();
        request.set_parsed_query(document.parsed.clone());
        Ok(Prepared {
            request,
            kind,
            signs_in,
            facts,
            once: None,
            deadline: Deadline::request(),
            statements: budget.statements(),
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
        let roots = document.plan.roots(name);
        if operation.ty == OperationType::Subscription && roots != 1 {
            let words = "A subscription has exactly one field on its first level.";
            return Err(Error::new(Code::GraphqlValidationFailed, words).at("query"));
        }
        budget.spend(roots, document.plan.cost(name, &request.variables))?;
        Ok(operation)
    }

    fn document(&self, request: &Request) -> Result<Arc<Document>, Fault> {
        let text = request.query.as_str();
        let Some(named) = persisted::named(request)? else {
            return self.known(text, Sha256::digest(text).into());
        };
        if text.is_empty() {
            return self
                .kept
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
        if let Some(kept) = self.kept.get(&hash) {
            return Ok(kept);
        }
        let document = Arc::new(self.read(text, hash)?);
        self.kept.keep(hash, &document);
        Ok(document)
    }

    fn read(&self, text: &str, hash: [u8; 32]) -> Result<Document, Fault> {
        if text.trim().is_empty() {
            return Err(Error::bad_input("query", "`query` is missing.").into());
        }
        self.limits.text(text, scan::weigh)?;
        let parsed = parse_query(text).map_err(|error| Fault::Unparsed(error.into()))?;
        let plan = Plan::of(&parsed, &self.shapes).map_err(|plan::Circle(name)| {
            let words = format!("The fragment `{}` comes back to itself.", fault::one_line(&name));
            Error::new(Code::GraphqlValidationFailed, words).at("query")
        })?;
        self.limits.document(&plan.size)?;
        Ok(Document {
            parsed,
            plan,
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
                fault::one_line(name),
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

fn signs_in(operation: &OperationDefinition) -> bool {
    let fields = &operation.selection_set.node.items;
    operation.ty == OperationType::Mutation
        && fields.iter().all(|item| match &item.node {
            Selection::Field(field) => SIGN_IN_FIELDS.contains(&field.node.name.node.as_str()),
            _ => false,
        })
}

#[cfg(test)]
mod tests;
