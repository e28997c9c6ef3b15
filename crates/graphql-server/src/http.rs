//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP); an upgrade goes to [`crate::websocket`], event streams are in
//! [`crate::sse`].

mod batch;
pub mod body;
pub(crate) mod media;
pub(crate) mod params;
pub(crate) mod result;
mod upload;

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use crate::client::Client;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::body::BodyError;
use crate::http::media::{BodyKind, MediaType};
use crate::http::params::{Body, Params};
use crate::http::result::{ExecutionResult, HttpError};
use crate::idempotency::IdempotencyKey;
use crate::query_guard::PreparedOperation;
use crate::websocket;

/// The GraphQL endpoint, for all methods.
pub(crate) struct Graphql<E: Engine>(Gateway<E>);

impl<E: Engine> Graphql<E> {
    pub fn new(gateway: Gateway<E>) -> Self {
        Self(gateway)
    }
}

impl<E: Engine> Endpoint for Graphql<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if websocket::is_upgrade(&request) {
            return Ok(websocket::upgrade(self.0.clone(), request).await);
        }
        body::drain_on_drop(&mut request);
        let media = MediaType::negotiate(request.headers());
        let response_type = media.unwrap_or(MediaType::Json { explicit: false });
        let outcome = match media {
            // Boxed once: each endpoint around this one would move it.
            Some(_) => Box::pin(respond(&self.0, request)).await,
            None => Err(not_acceptable().into()),
        };
        Ok(match outcome {
            Ok(HttpOutcome::Single(result)) => result.respond(response_type),
            Ok(HttpOutcome::Batch(results)) => batch::respond(&results, response_type),
            Err(RequestFailure::Result(result)) => result.respond(response_type),
            Err(RequestFailure::Http(refusal)) => refusal.respond(response_type),
        })
    }
}

/// The outcome of a request.
enum HttpOutcome {
    Single(ExecutionResult),
    Batch(Vec<ExecutionResult>),
}

/// Why a request ended early.
pub(crate) enum RequestFailure {
    Result(ExecutionResult),
    Http(HttpError),
}

impl From<ExecutionResult> for RequestFailure {
    fn from(result: ExecutionResult) -> Self {
        Self::Result(result)
    }
}

impl From<HttpError> for RequestFailure {
    fn from(refusal: HttpError) -> Self {
        Self::Http(refusal)
    }
}

async fn respond<E: Engine>(gateway: &Gateway<E>, request: Request) -> Result<HttpOutcome, RequestFailure> {
    match *request.method() {
        Method::GET => get(gateway, request).await.map(HttpOutcome::Single),
        Method::POST => match BodyKind::from_headers(request.headers()) {
            Some(BodyKind::Json) => post(gateway, request).await,
            Some(BodyKind::Multipart) => Box::pin(upload::post(gateway, request))
                .await
                .map(HttpOutcome::Single),
            None => Err(unsupported_media_type().into()),
        },
        _ => Err(wrong_method("Use POST, or GET for a query.", "GET, POST").into()),
    }
}

async fn get<E: Engine>(gateway: &Gateway<E>, request: Request) -> Result<ExecutionResult, RequestFailure> {
    let text = request.uri().query().unwrap_or_default();
    let params = Params::from_query_string(text).map_err(HttpError::invalid_json)?;
    let operation = params.into_request().map_err(HttpError::malformed)?;
    let guard = gateway.guard();
    let prepared = gateway.prepare(operation, &mut guard.budget())?;
    match prepared.kind {
        OperationType::Query => execute(gateway, &request, prepared).await,
        OperationType::Mutation => Err(wrong_method("A mutation needs POST.", "POST").into()),
        OperationType::Subscription => Err(subscription_error().into()),
    }
}

async fn post<E: Engine>(gateway: &Gateway<E>, mut request: Request) -> Result<HttpOutcome, RequestFailure> {
    let settings = gateway.settings();
    if body::content_length_exceeds(request.headers(), settings.max_body as u64) {
        return Err(body_error(BodyError::TooLarge).into());
    }
    let body = body::read(request.take_body(), settings.max_body, settings.body_timeout).await;
    let bytes = body.map_err(body_error)?;
    let params = match Body::from_json(&bytes).map_err(HttpError::invalid_json)? {
        Body::One(params) => params,
        Body::Batch(operations) => {
            let results = Box::pin(batch::execute(gateway, &request, operations)).await?;
            return Ok(HttpOutcome::Batch(results));
        }
    };
    let operation = params.into_request().map_err(HttpError::malformed)?;
    let guard = gateway.guard();
    let prepared = gateway.prepare(operation, &mut guard.budget())?;
    if prepared.kind == OperationType::Subscription {
        return Err(subscription_error().into());
    }
    execute(gateway, &request, prepared)
        .await
        .map(HttpOutcome::Single)
}

async fn execute<E: Engine>(
    gateway: &Gateway<E>,
    request: &Request,
    mut prepared: PreparedOperation,
) -> Result<ExecutionResult, RequestFailure> {
    let key = IdempotencyKey::from_request(request.headers(), &prepared, None);
    prepared.idempotency_key = key.map_err(HttpError::malformed)?;
    let client = Client::from_request(request);
    let credential = gateway.engine().credential(request.headers());
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated.map_err(HttpError::from_error)?;
    let result = gateway.run(prepared, auth, client).next().await;
    Ok(result.unwrap_or_else(|| ExecutionResult::internal_failure("an operation gave no answer")))
}

pub(crate) fn body_error(error: BodyError) -> HttpError {
    let (status, message) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
        BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "The body took too long."),
        BodyError::Incomplete => (StatusCode::BAD_REQUEST, "The body ended too early."),
    };
    HttpError::new(status, Error::bad_input("body", message)).closing()
}

fn subscription_error() -> HttpError {
    HttpError::new(StatusCode::BAD_REQUEST, subscription_over_http())
}

fn subscription_over_http() -> Error {
    let message = "A subscription needs a WebSocket (sub-protocol graphql-transport-ws, at this address), or /graphql/stream.";
    Error::new(Code::BadUserInput, message)
}

pub(crate) fn wrong_method(message: &str, allowed: &'static str) -> HttpError {
    let error = Error::new(Code::BadUserInput, message);
    HttpError::new(StatusCode::METHOD_NOT_ALLOWED, error).with(header::ALLOW, allowed)
}

pub(crate) fn unsupported_media_type() -> HttpError {
    let message = "Send JSON in UTF-8, not compressed, with Content-Type: application/json.";
    HttpError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::new(Code::BadUserInput, message),
    )
}

fn not_acceptable() -> HttpError {
    let message = "The answers are application/graphql-response+json or application/json.";
    HttpError::new(
        StatusCode::NOT_ACCEPTABLE,
        Error::new(Code::BadUserInput, message),
    )
}
