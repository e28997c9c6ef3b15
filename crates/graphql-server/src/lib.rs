//! GraphQL over HTTP, WebSocket and server-sent events for any executor, with limits on documents, and an HTTP server.
//!
//! An application implements [`Engine`]: how a credential is read and verified, and how an operation is executed. A
//! [`Gateway`] serves `/graphql` (GraphQL over HTTP, batches, uploads, and WebSockets by `graphql-transport-ws`) and
//! `/graphql/stream` (graphql-sse, distinct connections). Every document passes a [`QueryGuard`] first. [`server::serve`]
//! accepts connections, with timeouts, limits and a graceful shutdown.
//!
//! | to do this | see |
//! | --- | --- |
//! | read and verify credentials, execute operations | [`Engine`], [`credentials`] |
//! | limit documents and their cost, persisted queries | [`QueryGuard`], [`Limits`] |
//! | fields that ignore the credential, return a secret, or share their stream | [`FieldOptions`] |
//! | return the first response to a repeated mutation | [`IdempotencyKey`] |
//! | accept a file | [`Engine::authorize_upload`], [`UploadedFile`], [`UploadLimits`] |
//! | limit requests, sockets and connections | [`RateLimit`], [`SocketLimit`], [`server::ServerSettings`] |
//! | time limits for work that waits for a backend | [`deadline`] |
//! | errors with codes | [`Error`], [`Code`], [`error::with_codes`] |
//! | trusted proxies | [`proxies`] |
//! | metrics | [`metrics`] |
//! | traces | [`trace`] |
//!
//! Client input is never logged: of a path only its [`route`], of an operation only its type and name.
//!
//! # Example
//!
//! A server with one query, for callers with a token:
//!
//! ```
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Response, Schema};
//! use futures_util::StreamExt;
//! use futures_util::stream::BoxStream;
//! use graphql_server::server::{ServerHandle, ServerSettings, serve};
//! use graphql_server::{
//!     Client, Code, Engine, Error, FieldOptions, Gateway, GatewaySettings, Limits, Operation, QueryGuard, credentials,
//! };
//! use poem::http::HeaderMap;
//! use serde_json::{Map, Value};
//!
//! struct Query;
//!
//! #[Object]
//! impl Query {
//!     async fn hello(&self) -> &'static str {
//!         "world"
//!     }
//! }
//!
//! struct App(Schema<Query, EmptyMutation, EmptySubscription>);
//!
//! #[derive(Clone)]
//! struct User;
//!
//! fn malformed(_: credentials::MalformedBearer) -> Error {
//!     Error::new(Code::Unauthenticated, "The authorization must read: Bearer <token>.")
//! }
//!
//! impl Engine for App {
//!     type Credential = Option<String>;
//!     type Auth = User;
//!     type Scope = ();
//!     type Error = Error;
//!
//!     fn credential(&self, headers: &HeaderMap) -> Result<Option<String>, Error> {
//!         credentials::bearer(headers).map_err(malformed)
//!     }
//!
//!     fn socket_credential(&self, _: &HeaderMap, payload: &Map<String, Value>) -> Result<Option<String>, Error> {
//!         let text = credentials::payload_entry(payload, &["authorization"]).and_then(Value::as_str);
//!         text.map(credentials::parse_bearer).transpose().map_err(malformed)
//!     }
//!
//!     async fn authenticate(&self, token: &Option<String>, _: &Client) -> Result<User, Error> {
//!         match token.as_deref() {
//!             Some("sesame") => Ok(User),
//!             _ => Err(Error::unauthenticated()),
//!         }
//!     }
//!
//!     async fn until_ended(&self, _: &User) {
//!         std::future::pending().await
//!     }
//!
//!     fn scope(&self, _: &User) -> Option<()> {
//!         None
//!     }
//!
//!     async fn execute(&self, operation: Operation<Self>) -> Response {
//!         self.0.execute(operation.request.data(operation.auth)).await
//!     }
//!
//!     fn subscribe(&self, operation: Operation<Self>) -> BoxStream<'static, Response> {
//!         self.0.execute_stream(operation.request.data(operation.auth)).boxed()
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
//! let guard = QueryGuard::new(&schema.sdl(), Limits::default(), FieldOptions::default());
//! let settings = GatewaySettings::new(std::env::temp_dir());
//! let handle = ServerHandle::default();
//! let gateway = Gateway::new(App(schema), guard, settings, handle.clone());
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let server = serve(listener, gateway.routes(), handle.clone(), ServerSettings::default());
//! # handle.stop.cancel();
//! server.await; // until `handle.stop` is cancelled
//! # Ok(())
//! # }
//! ```

mod access_log;
mod call_budget;
mod client;
pub mod compress;
pub mod credentials;
pub mod deadline;
mod engine;
pub mod error;
mod gateway;
mod headers;
mod host;
mod http;
mod idempotency;
mod keyed_counter;
mod log_limit;
pub mod metrics;
mod operation_log;
pub mod proxies;
mod query_guard;
mod rate_limit;
pub mod server;
mod settings;
mod shared_streams;
mod socket_limit;
mod sse;
pub mod trace;
mod upload_limit;
mod uploaded_file;
mod websocket;

pub use access_log::{NamedRoute, route};
pub use call_budget::CallBudget;
pub use client::Client;
pub use engine::{Engine, Operation};
pub use error::{Code, Error, Result};
pub use gateway::{Gateway, GatewayEndpoint};
pub use host::host_of;
pub use http::body;
pub use idempotency::IdempotencyKey;
pub use log_limit::LogLimit;
pub use query_guard::limits::Limits;
pub use query_guard::{FieldOptions, QueryGuard};
pub use rate_limit::{RateLimit, RateLimited, RequestsPerSecond};
pub use settings::{EventStreamSettings, GatewaySettings, WebSocketSettings};
pub use shared_streams::LastVersion;
pub use socket_limit::SocketLimit;
pub use upload_limit::UploadLimits;
pub use uploaded_file::UploadedFile;

#[cfg(test)]
mod tests;
