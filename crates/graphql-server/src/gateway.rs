//! The path from a request to its results, for every transport: [`Gateway::prepare`] passes it to the guard,
//! [`Gateway::authenticate`] verifies the credential, [`Gateway::run`] returns the stream of results.
//!
//! A mutation runs to its end in its own task, even if its client disconnects. Queries and subscriptions end when their
//! stream is dropped. A panic becomes a result. A query or mutation whose backend does not respond is dropped, and its
//! result is `UNAVAILABLE`; the deadline starts with `prepare` and includes the authentication.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use poem::Route;
use tracing::Instrument;

use crate::access_log::NamedRoute;
use crate::client::Client;
use crate::deadline::{Deadline, TimedOut};
use crate::engine::{Engine, Operation};
use crate::error::{Error, Result, with_codes};
use crate::http::Graphql;
use crate::http::result::ExecutionResult;
use crate::operation_log;
use crate::query_guard::limits::Budget;
use crate::query_guard::{PreparedOperation, QueryGuard};
use crate::rate_limit::RateLimited;
use crate::server::ServerHandle;
use crate::settings::GatewaySettings;
use crate::shared_streams::{LastVersion, SharedStreams, StreamKey};
use crate::socket_limit::{OpenSockets, SocketPermit};
use crate::sse::EventStreams;
use crate::upload_limit::Uploads;

const PANICKED: &str = "a resolver panicked";

/// The transports of one engine. Clones share everything.
pub struct Gateway<E: Engine>(Arc<GatewayInner<E>>);

struct GatewayInner<E: Engine> {
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
        Self(Arc::new(GatewayInner {
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

    /// The same routes with each endpoint wrapped, for example for CORS.
    pub fn routes_with<P>(&self, wrap: impl Fn(GatewayEndpoint<E>) -> P) -> Route
    where
        P: poem::Endpoint + 'static,
        P::Output: poem::IntoResponse,
    {
        let graphql = GatewayEndpoint(Transport::Graphql(self.rate_limited(Graphql::new(self.clone()))));
        let events = GatewayEndpoint(Transport::Events(
            self.rate_limited(EventStreams::new(self.clone())),
        ));
        Route::new()
            .at("/graphql", NamedRoute::new("/graphql", wrap(graphql)))
            .at(
                "/graphql/stream",
                NamedRoute::new("/graphql/stream", wrap(events)),
            )
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
        self.0.sockets.acquire(client, self.settings().socket_limit)
    }

    /// Checks an operation, and records a refusal.
    pub(crate) fn prepare(
        &self,
        request: Request,
        budget: &mut Budget,
    ) -> Result<PreparedOperation, ExecutionResult> {
        let deadline = Deadline::new(self.settings().request_deadline);
        let prepared = self.guard().prepare(request, budget, deadline);
        prepared.inspect_err(|result| operation_log::record_refused(result, &self.handle().metrics))
    }

    /// Applies the rate limit to an operation that arrived without its own HTTP request.
    pub(crate) fn count_request(&self, client: &Client) -> Result<(), ExecutionResult> {
        let Some(rate_limit) = &self.settings().rate_limit else {
            return Ok(());
        };
        let refused = |error| ExecutionResult::refused(&error);
        let counted = rate_limit.check(client).map_err(refused);
        counted.inspect_err(|result| operation_log::record_refused(result, &self.handle().metrics))
    }

    /// Verifies the credential. A mutation that ignores it also ignores a malformed one.
    pub(crate) async fn authenticate(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
        prepared: &PreparedOperation,
    ) -> Result<E::Auth> {
        let credential = if prepared.ignores_credential {
            Ok(E::Credential::default())
        } else {
            credential
        };
        self.authenticate_within(credential, client, &prepared.deadline)
            .await
    }

    /// Verifies the credential of a socket, before any of its operations.
    pub(crate) async fn authenticate_socket(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
    ) -> Result<E::Auth> {
        let deadline = Deadline::new(self.settings().request_deadline);
        self.authenticate_within(credential, client, &deadline).await
    }

    async fn authenticate_within(
        &self,
        credential: Result<E::Credential, E::Error>,
        client: &Client,
        deadline: &Deadline,
    ) -> Result<E::Auth> {
        let credential = credential.map_err(Into::into)?;
        match deadline
            .run(self.engine().authenticate(&credential, client))
            .await
        {
            Ok(auth) => auth.map_err(Into::into),
            Err(TimedOut) => Err(self.engine().timed_out(OperationType::Query).into()),
        }
    }

    /// Runs the operation: one result for a query or a mutation, any number for a subscription.
    pub(crate) fn run(
        &self,
        mut prepared: PreparedOperation,
        auth: E::Auth,
        client: Client,
    ) -> BoxStream<'static, ExecutionResult> {
        let metrics = &self.handle().metrics;
        let watch = operation_log::start(&mut prepared.request, prepared.kind, metrics);
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
        let results = match kind {
            OperationType::Query => stream::once(gateway.run_with_deadline(deadline, operation)).boxed(),
            OperationType::Mutation => {
                let tasks = self.handle().tasks.clone();
                // The current span is the one of the request's log lines; within the results it is the operation's.
                let work = gateway.run_with_deadline(deadline, operation);
                let work = work.instrument(watch.span()).in_current_span();
                let detached = async move {
                    let task = tasks.spawn(work);
                    task.await
                        .unwrap_or_else(|_| ExecutionResult::internal_failure(PANICKED))
                };
                stream::once(detached).boxed()
            }
            OperationType::Subscription => self.subscribe(operation, stream_key),
        };
        watch.wrap(results)
    }

    async fn run_with_deadline(self, deadline: Deadline, operation: Operation<E>) -> ExecutionResult {
        let kind = operation.kind;
        let result = deadline.run(self.execute(operation)).await;
        result.unwrap_or_else(|TimedOut| {
            let error: Error = self.engine().timed_out(kind).into();
            ExecutionResult::ended(&error)
        })
    }

    async fn execute(&self, operation: Operation<E>) -> ExecutionResult {
        let execution = AssertUnwindSafe(Box::pin(self.engine().execute(operation)));
        match execution.catch_unwind().await {
            Ok(response) => ExecutionResult::from(with_codes::<E::Error>(response)),
            Err(_) => ExecutionResult::internal_failure(PANICKED),
        }
    }

    /// The key of a subscription that callers may share.
    fn stream_key(&self, prepared: &PreparedOperation, auth: &E::Auth) -> Option<StreamKey<E::Scope>> {
        let info = prepared.info.as_ref().filter(|info| info.shared_stream)?;
        Some(StreamKey {
            scope: self.engine().scope(auth)?,
            document: info.document,
            operation: prepared.request.operation_name.clone(),
            variables: serde_json::to_vec(&prepared.request.variables).ok()?,
        })
    }

    fn subscribe(
        &self,
        mut operation: Operation<E>,
        key: Option<StreamKey<E::Scope>>,
    ) -> BoxStream<'static, ExecutionResult> {
        let last = Arc::new(LastVersion::default());
        operation.request = operation.request.data(Arc::clone(&last));
        let gateway = self.clone();
        let stream = async move { gateway.engine().subscribe(operation) };
        let events = AssertUnwindSafe(stream.flatten_stream())
            .catch_unwind()
            .map(|item| match item {
                Ok(response) => ExecutionResult::from(with_codes::<E::Error>(response)),
                Err(_) => ExecutionResult::internal_failure(PANICKED),
            })
            .boxed();
        match key {
            Some(key) => Arc::clone(&self.0.streams).subscribe(key, events, last),
            None => events,
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
