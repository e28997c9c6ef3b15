//! The interface between the transports and an application.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use futures_util::stream::BoxStream;
use poem::http::HeaderMap;
use serde_json::{Map, Value};

use crate::call_budget::CallBudget;
use crate::client::Client;
use crate::error::Error;
use crate::idempotency::IdempotencyKey;

/// An application behind the transports: it reads and verifies credentials, and executes operations.
///
/// The transports call [`credential`](Self::credential) (or [`socket_credential`](Self::socket_credential)), then
/// [`authenticate`](Self::authenticate), then [`execute`](Self::execute) or [`subscribe`](Self::subscribe). A document has
/// passed the [`QueryGuard`](crate::QueryGuard) before any of them.
pub trait Engine: Send + Sync + Sized + 'static {
    /// A credential as received, not yet verified. The default value is no credential.
    type Credential: Default + Send + Sync;
    /// An authenticated caller, or an anonymous one.
    type Auth: Clone + Send + Sync + 'static;
    /// The tenant, account or project that callers share. It is the key of shared streams and upload limits.
    type Scope: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// The application's error. Resolvers that return it with `?` keep its code.
    type Error: AsRef<Error> + From<Error> + Into<Error> + Send + Sync + 'static;

    /// The credential of an HTTP request.
    fn credential(&self, headers: &HeaderMap) -> Result<Self::Credential, Self::Error>;

    /// The credential of a WebSocket: from the payload of `connection_init`, or from the headers of its handshake.
    fn socket_credential(
        &self,
        handshake: &HeaderMap,
        payload: &Map<String, Value>,
    ) -> Result<Self::Credential, Self::Error>;

    /// Verifies a credential.
    fn authenticate(
        &self,
        credential: &Self::Credential,
        client: &Client,
    ) -> impl Future<Output = Result<Self::Auth, Self::Error>> + Send;

    /// Resolves when the authentication has expired or was revoked. Streams end then.
    fn until_ended(&self, auth: &Self::Auth) -> impl Future<Output = ()> + Send;

    /// Whose data the caller sees. With `None`, its streams are never shared.
    fn scope(&self, auth: &Self::Auth) -> Option<Self::Scope>;

    /// Whether this mutation field accepts a file from this caller, and in which scope. Called before the file is read.
    fn authorize_upload(&self, field: &str, auth: &Self::Auth) -> Result<Self::Scope, Self::Error> {
        let _ = (field, auth);
        Err(Error::bad_input("operations", "This mutation takes no file.").into())
    }

    /// The error for an operation that did not finish before its [deadline](crate::deadline).
    fn timed_out(&self, kind: OperationType) -> Self::Error {
        Error::timed_out(kind == OperationType::Mutation).into()
    }

    /// Runs a query or a mutation. With an idempotency key it must run only once; a repeat gets the first response again.
    fn execute(&self, operation: Operation<Self>) -> impl Future<Output = Response> + Send;

    /// Runs a subscription. The document is validated with the first poll.
    fn subscribe(&self, operation: Operation<Self>) -> BoxStream<'static, Response>;
}

/// An operation that passed all checks.
pub struct Operation<E: Engine> {
    pub request: Request,
    pub kind: OperationType,
    pub auth: E::Auth,
    pub client: Client,
    pub idempotency_key: Option<IdempotencyKey>,
    /// Shared by the queries of one HTTP request.
    pub calls: Arc<CallBudget>,
}
