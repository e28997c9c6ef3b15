//! The portal's implementation of the transports' [`Engine`].

use std::sync::Arc;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use graphql_server::{Engine, Operation};
use poem::http::HeaderMap;
use serde_json::{Map, Value};

use crate::api::PortalSchema;
use crate::api::context::request_data;
use crate::api::upload;
use crate::base::actor::Client;
use crate::base::db::quota::{self, Tenant, TenantQuota};
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::pages::credentials::CredentialRules;
use crate::services::Services;
use crate::sign_in::auth_context::{AuthContext, Credential, Viewer};
use crate::sign_in::authenticator::Authenticator;

pub(crate) struct PortalEngine {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    pub schema: PortalSchema,
    pub credentials: CredentialRules,
}

impl PortalEngine {
    /// The requests of an account share a quota of the pool, and so do all requests without a credential.
    fn quota(&self, auth: &AuthContext) -> TenantQuota {
        let account = auth.viewer.account();
        self.services
            .db
            .quota(account.map_or(Tenant::Anonymous, Tenant::Account))
    }

    async fn respond(&self, operation: Operation<Self>) -> Response {
        let Operation {
            request,
            auth,
            client,
            ..
        } = operation;
        if let Some(key) = (operation.idempotency_key).filter(|_| auth.viewer != Viewer::Anonymous) {
            return self.execute_idempotent(request, auth, client, key).await;
        }
        let request = request_data(auth, client, request);
        self.schema.execute(request).await
    }
}

impl Engine for PortalEngine {
    type Credential = Credential;
    type Auth = AuthContext;
    type Scope = AccountId;
    type Error = Error;

    fn credential(&self, headers: &HeaderMap) -> Result<Credential> {
        self.credentials.of_request(headers)
    }

    fn socket_credential(&self, handshake: &HeaderMap, payload: &Map<String, Value>) -> Result<Credential> {
        self.credentials.of_socket(handshake, payload)
    }

    async fn authenticate(&self, credential: &Credential, _client: &Client) -> Result<AuthContext> {
        self.authenticator.authenticate(credential).await
    }

    async fn until_ended(&self, auth: &AuthContext) {
        self.authenticator.until_ended(auth).await;
    }

    fn scope(&self, auth: &AuthContext) -> Option<AccountId> {
        auth.viewer.account()
    }

    fn authorize_upload(&self, field: &str, auth: &AuthContext) -> Result<AccountId> {
        upload::authorize(field, &auth.viewer)
    }

    fn timed_out(&self, kind: OperationType) -> Error {
        Error::timed_out(kind == OperationType::Mutation)
    }

    async fn execute(&self, operation: Operation<Self>) -> Response {
        let quota = self.quota(&operation.auth);
        let (kind, calls) = (operation.kind, Arc::clone(&operation.calls));
        let response = quota.scope(Box::pin(self.respond(operation)));
        match kind {
            OperationType::Query => quota::with_statement_budget(calls, response).await,
            _ => response.await,
        }
    }

    fn subscribe(&self, operation: Operation<Self>) -> BoxStream<'static, Response> {
        let quota = self.quota(&operation.auth);
        let Operation {
            request,
            auth,
            client,
            ..
        } = operation;
        let request = request_data(auth, client, request);
        quota.scope_stream(self.schema.execute_stream(request)).boxed()
    }
}
