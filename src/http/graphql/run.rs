//! From a request to its answers, for every transport: [`Door::prepare`] lets it pass the gate,
//! [`Door::enter`] checks the credential, [`run`] gives the stream of answers.
//!
//! A mutation runs to its end in a task of its own, even if nobody waits for it any more. Queries and subscriptions end when
//! their stream is dropped. A panic is an answer like any other. A query or mutation that the database does not answer is
//! dropped and answered `UNAVAILABLE`; the wait begins with `prepare`, and the credential's check belongs to it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tracing::Instrument;

use crate::actor::Client;
use crate::auth::viewer::{Pass, Presented};
use crate::db::deadline::{Deadline, TimedOut};
use crate::error::{Error, Result};
use crate::graphql::subscription::LastVersion;
use crate::http::Engine;
use crate::http::gate::Prepared;
use crate::http::gate::limits::Budget;
use crate::http::graphql::answer::Answer;
use crate::http::graphql::observed;
use crate::http::graphql::once::OnceKey;
use crate::http::graphql::shared;
use crate::http::graphql::shared::Group;
use crate::http::rates::Rates;
use crate::http::serve::Running;

const PANICKED: &str = "a resolver panicked";

/// The application and what it runs on, as the transports share them.
pub struct Door<E> {
    pub engine: Arc<E>,
    pub running: Running,
    /// None: no limit.
    pub rates: Option<Rates>,
}

impl<E> Clone for Door<E> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            running: self.running.clone(),
            rates: self.rates.clone(),
        }
    }
}

impl<E: Engine> Door<E> {
    /// Lets an operation pass the gate, or notes that it did not.
    pub fn prepare(&self, request: Request, budget: &mut Budget) -> Result<Prepared, Answer> {
        let prepared = self.engine.gate().prepare(request, budget);
        prepared.inspect_err(|answer| observed::refused(answer, &self.running.metrics))
    }

    /// Counts an operation that came without a request of its own, or says when the next one may come.
    pub fn count(&self, client: &Client) -> Result<(), Answer> {
        let Some(rates) = &self.rates else {
            return Ok(());
        };
        let refused = |error| Answer::refused(&error);
        let counted = rates.take(client).map_err(refused);
        counted.inspect_err(|answer| observed::refused(answer, &self.running.metrics))
    }

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
        let entered = prepared.deadline.over(self.engine.enter(&presented, client));
        entered
            .await
            .unwrap_or_else(|TimedOut| Err(Error::unanswered(false)))
    }
}

/// Runs the operation: one answer for a query or a mutation, any number for a subscription.
pub fn run<E: Engine>(
    door: &Door<E>,
    prepared: Prepared,
    pass: Pass,
    client: Client,
) -> BoxStream<'static, Answer> {
    let group = group(&prepared, &pass);
    let Prepared {
        mut request,
        kind,
        once,
        deadline,
        statements,
        ..
    } = prepared;
    let engine = Arc::clone(&door.engine);
    let watch = observed::watch(&mut request, kind, &door.running.metrics);
    let answers = match kind {
        OperationType::Query => {
            let executed = statements.scope(execute(engine, request, pass, client, None));
            stream::once(in_time(deadline, kind, executed)).boxed()
        }
        OperationType::Mutation => {
            let tasks = door.running.tasks.clone();
            let detached = async move {
                let executed = execute(engine, request, pass, client, once);
                let task = tasks.spawn(in_time(deadline, kind, executed).in_current_span());
                task.await.unwrap_or_else(|_| Answer::broken(PANICKED))
            };
            stream::once(detached).boxed()
        }
        OperationType::Subscription => subscribe(engine, request, pass, client, group),
    };
    watch.over(answers)
}

async fn in_time(deadline: Deadline, kind: OperationType, executed: impl Future<Output = Answer>) -> Answer {
    let changes = kind == OperationType::Mutation;
    let answer = deadline.over(executed).await;
    answer.unwrap_or_else(|TimedOut| Answer::ended(&Error::unanswered(changes)))
}

async fn execute<E: Engine>(
    engine: Arc<E>,
    request: Request,
    pass: Pass,
    client: Client,
    once: Option<OnceKey>,
) -> Answer {
    let execution = AssertUnwindSafe(Box::pin(engine.execute(request, pass, client, once)));
    match execution.catch_unwind().await {
        Ok(response) => Answer::from(response),
        Err(_) => Answer::broken(PANICKED),
    }
}

/// Of a subscription that many may share.
fn group(prepared: &Prepared, pass: &Pass) -> Option<Group> {
    let facts = prepared.facts.as_ref()?;
    if prepared.kind != OperationType::Subscription || facts.only_field.as_deref() != Some(shared::FIELD) {
        return None;
    }
    Some(Group {
        account: pass.viewer.account()?,
        document: facts.document,
        operation: prepared.request.operation_name.clone(),
        variables: serde_json::to_vec(&prepared.request.variables).ok()?,
    })
}

fn subscribe<E: Engine>(
    engine: Arc<E>,
    request: Request,
    pass: Pass,
    client: Client,
    group: Option<Group>,
) -> BoxStream<'static, Answer> {
    let last = Arc::new(LastVersion::default());
    let request = request.data(Arc::clone(&last));
    let groups = Arc::clone(engine.groups());
    let begun = async move { engine.stream(request, pass, client) };
    let own = AssertUnwindSafe(begun.flatten_stream())
        .catch_unwind()
        .map(|item| match item {
            Ok(response) => Answer::from(response),
            Err(_) => Answer::broken(PANICKED),
        })
        .boxed();
    match group {
        Some(group) => groups.answers(group, own, last),
        None => own,
    }
}
