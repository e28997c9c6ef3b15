//! From a request to its answers, for every transport: [`prepare`] parses it once and looks at it (the place of the gate),
//! [`Door::enter`] checks the credential, [`run`] gives the stream of answers.
//!
//! A mutation runs to its end in a task of its own, even if nobody waits for it any more. Queries and subscriptions end when
//! their stream is dropped. A panic is an answer like any other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, Value, Variables};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tracing::Instrument;

use crate::auth::viewer::{Client, Pass, Presented};
use crate::error::{Error, Result};
use crate::graphql::fault;
use crate::http::Engine;
use crate::http::graphql::answer::Answer;
use crate::http::graphql::observed;
use crate::http::serve::Running;

/// The mutations that sign in: they ignore the credential, so that a refresh works beside a stale one.
pub const SIGN_IN_FIELDS: [&str; 10] = [
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
];

const PANICKED: &str = "a resolver panicked";

/// A request whose document was parsed, with what the transports must know of it.
pub struct Prepared {
    pub request: Request,
    pub kind: OperationType,
    signs_in: bool,
}

/// Parses the document, once, and chooses its operation.
pub fn prepare(mut request: Request) -> Result<Prepared, Answer> {
    let (name, variables) = (
        request.operation_name.take(),
        std::mem::take(&mut request.variables),
    );
    let document = request
        .parsed_query()
        .map_err(|error| Answer::failed(fault::parse_failed(error)))?;
    let looked_at = selected(document, name.as_deref()).and_then(|operation| {
        needs(operation, &variables)?;
        Ok((operation.ty, signs_in(operation)))
    });
    let (kind, signs_in) = looked_at.map_err(|error| Answer::refused(&error))?;
    (request.operation_name, request.variables) = (name, variables);
    Ok(Prepared {
        request,
        kind,
        signs_in,
    })
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

fn selected<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition> {
    let unknown = || Error::bad_input("operationName", "The document has no operation of that name.");
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => Err(unknown()),
        (DocumentOperations::Multiple(named), Some(name)) => {
            let found = named.get(name).ok_or_else(unknown)?;
            Ok(&found.node)
        }
        (DocumentOperations::Multiple(named), None) => {
            let mut all = named.values();
            match (all.next(), all.next()) {
                (Some(only), None) => Ok(&only.node),
                _ => Err(Error::bad_input(
                    "operationName",
                    "The document has several operations: name the one to run.",
                )),
            }
        }
    }
}

fn signs_in(operation: &OperationDefinition) -> bool {
    operation.ty == OperationType::Mutation
        && operation
            .selection_set
            .node
            .items
            .iter()
            .all(|item| match &item.node {
                Selection::Field(field) => SIGN_IN_FIELDS.contains(&field.node.name.node.as_str()),
                _ => false,
            })
}

/// The application and what it runs on, as the transports share them.
pub struct Door<E> {
    pub engine: Arc<E>,
    pub running: Running,
}

impl<E> Clone for Door<E> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            running: self.running.clone(),
        }
    }
}

impl<E: Engine> Door<E> {
    /// Checks the credential, which sign-in fields ignore whether it is well-formed or not.
    pub async fn enter(
        &self,
        presented: Result<Presented>,
        client: &Client,
        prepared: &Prepared,
    ) -> Result<Pass> {
        let presented = if prepared.signs_in {
            Presented::Nothing
        } else {
            presented?
        };
        self.engine.enter(&presented, client).await
    }
}

/// Runs the operation: one answer for a query or a mutation, any number for a subscription.
pub fn run<E: Engine>(
    door: &Door<E>,
    prepared: Prepared,
    pass: Pass,
    client: Client,
) -> BoxStream<'static, Answer> {
    let Prepared {
        mut request, kind, ..
    } = prepared;
    let engine = Arc::clone(&door.engine);
    let watch = observed::watch(&mut request, kind, &door.running.metrics);
    let answers = match kind {
        OperationType::Query => stream::once(execute(engine, request, pass, client)).boxed(),
        OperationType::Mutation => {
            let tasks = door.running.tasks.clone();
            let detached = async move {
                let task = tasks.spawn(execute(engine, request, pass, client).in_current_span());
                task.await.unwrap_or_else(|_| Answer::broken(PANICKED))
            };
            stream::once(detached).boxed()
        }
        OperationType::Subscription => subscribe(engine, request, pass, client),
    };
    watch.over(answers)
}

async fn execute<E: Engine>(engine: Arc<E>, request: Request, pass: Pass, client: Client) -> Answer {
    let execution = AssertUnwindSafe(Box::pin(engine.execute(request, pass, client)));
    match execution.catch_unwind().await {
        Ok(response) => Answer::from(response),
        Err(_) => Answer::broken(PANICKED),
    }
}

fn subscribe<E: Engine>(
    engine: Arc<E>,
    request: Request,
    pass: Pass,
    client: Client,
) -> BoxStream<'static, Answer> {
    let begun = async move { engine.stream(request, pass, client) };
    AssertUnwindSafe(begun.flatten_stream())
        .catch_unwind()
        .map(|item| match item {
            Ok(response) => Answer::from(response),
            Err(_) => Answer::broken(PANICKED),
        })
        .boxed()
}
