//! `GET` and `POST /graphql/stream`: the results of an operation as server-sent events (graphql-sse, "distinct
//! connections").
//!
//! A request that HTTP or the guard refuses gets an ordinary response with a status. After that everything is an event,
//! including validation errors: `next` for each result, `complete` at the end. See [`event_stream`].

mod event_stream;

use async_graphql::parser::types::OperationType;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};

use self::event_stream::EventStream;
use crate::client::Client;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::body::{self, BodyError};
use crate::http::media::{BodyKind, MediaType};
use crate::http::params::Params;
use crate::http::result::HttpError;
use crate::http::{RequestFailure, body_error, unsupported_media_type, wrong_method};
use crate::idempotency::IdempotencyKey;

const EVENT_STREAM: &str = "text/event-stream";

/// The endpoint of event streams, for all methods.
pub(crate) struct EventStreams<E: Engine>(Gateway<E>);

impl<E: Engine> EventStreams<E> {
    pub fn new(gateway: Gateway<E>) -> Self {
        Self(gateway)
    }
}

impl<E: Engine> Endpoint for EventStreams<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        body::drain_on_drop(&mut request);
        Ok(match open(&self.0, request).await {
            Ok(response) => response,
            Err(RequestFailure::Result(result)) => result.respond(MediaType::GraphqlResponse),
            Err(RequestFailure::Http(refusal)) => refusal.respond(MediaType::GraphqlResponse),
        })
    }
}

async fn open<E: Engine>(gateway: &Gateway<E>, mut request: Request) -> Result<Response, RequestFailure> {
    let params = read_params(gateway, &mut request).await?;
    let operation = params.into_request().map_err(HttpError::malformed)?;
    let guard = gateway.guard();
    let mut prepared = gateway.prepare(operation, &mut guard.budget())?;
    let key = IdempotencyKey::from_request(request.headers(), &prepared, None);
    prepared.idempotency_key = key.map_err(HttpError::malformed)?;
    let kind = prepared.kind;
    if kind == OperationType::Mutation && request.method() == Method::GET {
        return Err(wrong_method("A mutation needs POST.", "POST").into());
    }
    let client = Client::from_request(&request);
    let permit = gateway.open_socket(&client);
    let permit = permit.map_err(HttpError::from_error)?;
    let credential = gateway.engine().credential(request.headers());
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated.map_err(HttpError::from_error)?;
    let results = gateway.run(prepared, auth.clone(), client);
    let events = match kind {
        OperationType::Subscription => EventStream::subscription(gateway, results, permit, auth),
        _ => EventStream::operation(gateway, results, permit),
    };
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .header("X-Accel-Buffering", "no")
        .body(Body::from_bytes_stream(events.start())))
}

async fn read_params<E: Engine>(gateway: &Gateway<E>, request: &mut Request) -> Result<Params, HttpError> {
    let is_post = match *request.method() {
        Method::GET => false,
        Method::POST => true,
        _ => {
            return Err(wrong_method(
                "Use POST, or GET for queries and subscriptions.",
                "GET, POST",
            ));
        }
    };
    if !accepts_event_stream(request.headers()) {
        return Err(not_acceptable());
    }
    if !is_post {
        let text = request.uri().query().unwrap_or_default();
        return Params::from_query_string(text).map_err(HttpError::invalid_json);
    }
    if BodyKind::from_headers(request.headers()) != Some(BodyKind::Json) {
        return Err(unsupported_media_type());
    }
    let settings = gateway.settings();
    if body::content_length_exceeds(request.headers(), settings.max_body as u64) {
        return Err(body_error(BodyError::TooLarge));
    }
    let body = body::read(request.take_body(), settings.max_body, settings.body_timeout).await;
    Params::one_from_json(&body.map_err(body_error)?).map_err(HttpError::invalid_json)
}

/// Whether the client explicitly accepts event streams: a client that accepts anything might wait for the end of one.
fn accepts_event_stream(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter();
    let mut ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(EVENT_STREAM));
        let refused = |part: &str| {
            let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            quality.is_some_and(|quality| !quality.parse().is_ok_and(|quality: f32| quality > 0.0))
        };
        named && !parts.any(refused)
    })
}

fn not_acceptable() -> HttpError {
    let message = "This endpoint answers with events: send Accept: text/event-stream, or use /graphql.";
    HttpError::new(
        StatusCode::NOT_ACCEPTABLE,
        Error::new(Code::BadUserInput, message),
    )
}
