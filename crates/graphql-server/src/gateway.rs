//! From a request to its answers, for every transport: [`Gateway::prepare`] brings it before the guard,
//! [`Gateway::authenticate`] checks the credential, [`Gateway::run`] gives the stream of answers.
//!
//! A mutation runs to its end in a task of its own, even if its client is gone. Queries and subscriptions end when their
//! stream is dropped. A panic is an answer like any other. A query or mutation whose backend does not answer is dropped and
//! answered `UNAVAILABLE`; the wait begins with `prepare`, and the credential's check belongs to it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use poem::Route;
use tracing::Instrument;

use crate::access_log::Named;
use crate::client::Client;
use crate::deadline::{Deadline, TimedOut};
use crate::engine::{Engine, Operation};
use crate::error::{Error, Result, with_codes};
use crate::http::Graphql;
use crate::http::answer::Answer;
use crate::operation_log;
use crate::query_guard::limits::Budget;
use crate::query_guard::{Prepared, QueryGuard};
use crate::rate_limit::RateLimited;
use crate::server::ServerHandle;
use crate::settings::GatewaySettings;
use crate::shared_streams::{LastVersion, SharedStreams, StreamKey};
use crate::socket_limit::{OpenSockets, SocketPermit};
use crate::sse::EventStreams;
use crate::upload_limit::Uploads;

const PANICKED: &str = "a resolver panicked";

/// The transports of one engine. Clones share everything.
pub struct Gateway<E: Engine>(Arc<Parts<E>>);

struct Parts<E: Engine> {
    engine: E,
    guard: QueryGuard,
    settings: GatewaySettings,
    handle: ServerHandle,
    streams: Arc<SharedStreams<E::Scope>>,
    sockets: OpenSockets,
    uploads: Uploads<E::Scope>,
}

impl<E: Engine> Clone for Gateway<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Engine> Gateway<E> {
    pub fn new(engine: E, guard: QueryGuard, settings: GatewaySettings, handle: ServerHandle) -> Self {
        Self(Arc::new(Parts {
            engine,
            guard,
            settings,
            handle,
            streams: Arc::default(),
            sockets: OpenSockets::default(),
            uploads: Uploads::default(),
        }))
    }

    /// `/graphql` with its WebSocket, and `/graphql/stream`.
    pub fn routes(&self) -> Route {
        self.routes_with(std::convert::identity)
    }

    /// The same, with something around each endpoint, as CORS.
    pub fn routes_with<P>(&self, around: impl Fn(GatewayEndpoint<E>) -> P) -> Route
    where
        P: poem::Endpoint + 'static,
        P::Output: poem::IntoResponse,
    {
        let graphql = GatewayEndpoint(Transport::Graphql(self.rate_limited(Graphql::new(self.clone()))));
        let events = GatewayEndpoint(Transport::Events(
            self.rate_limited(EventStreams::new(self.clone())),
        ));
        Route::new()
            .at("/graphql", Named::new("/graphql", around(graphql)))
            .at("/graphql/stream", Named::new("/graphql/stream", around(events)))
    }

    fn rate_limited<P>(&self, endpoint: P) -> RateLimited<P> {
        RateLimited::new(endpoint, self.settings().rate_limit.clone())
    }

    pub(crate) fn engine(&self) -> &E {
        &self.0.engine
    }

    pub(crate) fn settings(&self) -> &GatewaySettings {
        &self.0.settings
    }

    pub(crate) fn guard(&self) -> &QueryGuard {
        &self.0.guard
    }

    pub(crate) fn handle(&self) -> &ServerHandle {
        &self.0.handle
    }

    pub(crate) fn uploads(&self) -> &Uploads<E::Scope> {
        &self.0.uploads
    }

    pub(crate) fn open_socket(&self, client: &Client) -> Result<SocketPermit> {
        self.0.sockets.take(client, self.settings().socket_limit)
    }

    /// Brings an operation before the guard, and notes when it is refused.
    pub(crate) fn prepare(&self, request: Request, budget: &mut Budget) -> Result<Prepared, Answer> {
        let deadline = Deadline::new(self.settings().request_deadline);
        let prepared = self.guard().prepare(request, budget, deadline);
        prepared.inspect_err(|answer| operation_log::refused(answer, &self.handle().metrics))
    }

    /// Counts an operation that came without a request of its own, or says when the next one may come.
    pub(crate) fn count(&self, client: &Client) -> Result<(), Answer> {
        let Some(rates) = &self.settings().rate_limit else {
            return Ok(());
        };
        let refused = |error| Answer::refused(&error);
        let counted = rates.take(client).map_err(refused);
        counted.inspect_err(|answer| operation_log::refused(answer, &self.handle().metrics))
    }

    /// Checks the credential. A mutation that ignores it is not refused for a malformed one either.
    pub(crate) async fn authenticate(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
        prepared: &Prepared,
    ) -> Result<E::Auth> {
        let credential = if prepared.ignores_credential {
            Ok(E::Credential::default())
        } else {
            credential
        };
        self.check(credential, client, &prepared.deadline).await
    }

    /// Checks the credential of a connection, before any of its operations.
    pub(crate) async fn authenticate_socket(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
    ) -> Result<E::Auth> {
        let deadline = Deadline::new(self.settings().request_deadline);
        self.check(credential, client, &deadline).await
    }

    async fn check(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
        deadline: &Deadline,
    ) -> Result<E::Auth> {
        let credential = credential.map_err(Into::into)?;
        match deadline
            .over(self.engine().authenticate(&credential, client))
            .await
        {
            Ok(auth) => auth.map_err(Into::into),
            Err(TimedOut) => Err(self.engine().timed_out(OperationType::Query).into()),
        }
    }

    /// Runs the operation: one answer for a query or a mutation, any number for a subscription.
    pub(crate) fn run(
        &self,
        mut prepared: Prepared,
        auth: E::Auth,
        client: Client,
    ) -> BoxStream<'static, Answer> {
        let metrics = &self.handle().metrics;
        let watch = operation_log::watch(&mut prepared.request, prepared.kind, metrics);
        let stream_key = self.stream_key(&prepared, &auth);
        let (kind, deadline) = (prepared.kind, prepared.deadline);
        let operation = Operation {
            request: prepared.request,
            kind,
            auth,
            client,
            idempotency_key: prepared.idempotency_key,
            calls: prepared.calls,
        };
        let gateway = self.clone();
        let answers = match kind {
            OperationType::Query => stream::once(gateway.in_time(deadline, operation)).boxed(),
            OperationType::Mutation => {
                let tasks = self.handle().tasks.clone();
                let detached = async move {
                    let task = tasks.spawn(gateway.in_time(deadline, operation).in_current_span());
                    task.await.unwrap_or_else(|_| Answer::broken(PANICKED))
                };
                stream::once(detached).boxed()
            }
            OperationType::Subscription => self.subscribe(operation, stream_key),
        };
        watch.over(answers)
    }

    async fn in_time(self, deadline: Deadline, operation: Operation<E>) -> Answer {
        let kind = operation.kind;
        let answer = deadline.over(self.execute(operation)).await;
        answer.unwrap_or_else(|TimedOut| {
            let error: Error = self.engine().timed_out(kind).into();
            Answer::ended(&error)
        })
    }

    async fn execute(&self, operation: Operation<E>) -> Answer {
        let execution = AssertUnwindSafe(Box::pin(self.engine().execute(operation)));
        match execution.catch_unwind().await {
            Ok(response) => Answer::from(with_codes::<E::Error>(response)),
            Err(_) => Answer::broken(PANICKED),
        }
    }

    /// Of a subscription that many may share.
    fn stream_key(&self, prepared: &Prepared, auth: &E::Auth) -> Option<StreamKey<E::Scope>> {
        let facts = prepared.facts.as_ref().filter(|facts| facts.shared_stream)?;
        Some(StreamKey {
            scope: self.engine().scope(auth)?,
            document: facts.document,
            operation: prepared.request.operation_name.clone(),
            variables: serde_json::to_vec(&prepared.request.variables).ok()?,
        })
    }

    fn subscribe(
        &self,
        mut operation: Operation<E>,
        key: Option<StreamKey<E::Scope>>,
    ) -> BoxStream<'static, Answer> {
        let last = Arc::new(LastVersion::default());
        operation.request = operation.request.data(Arc::clone(&last));
        let gateway = self.clone();
        let begun = async move { gateway.engine().subscribe(operation) };
        let own = AssertUnwindSafe(begun.flatten_stream())
            .catch_unwind()
            .map(|item| match item {
                Ok(response) => Answer::from(with_codes::<E::Error>(response)),
                Err(_) => Answer::broken(PANICKED),
            })
            .boxed();
        match key {
            Some(key) => Arc::clone(&self.0.streams).answers(key, own, last),
            None => own,
        }
    }
}

/// An endpoint of a [`Gateway`].
pub struct GatewayEndpoint<E: Engine>(Transport<E>);

enum Transport<E: Engine> {
    Graphql(RateLimited<Graphql<E>>),
    Events(RateLimited<EventStreams<E>>),
}

impl<E: Engine> poem::Endpoint for GatewayEndpoint<E> {
    type Output = poem::Response;

    async fn call(&self, request: poem::Request) -> poem::Result<poem::Response> {
        match &self.0 {
            Transport::Graphql(endpoint) => endpoint.call(request).await,
            Transport::Events(endpoint) => endpoint.call(request).await,
        }
    }
}
