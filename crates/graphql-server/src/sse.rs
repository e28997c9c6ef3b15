//! `GET` and `POST /graphql/stream`: an operation's answers as server-sent events (graphql-sse, "distinct connections").
//!
//! What HTTP or the guard refuses is an ordinary answer with its status; from there on everything, the errors of the
//! validation too, is an event: `next` for each answer, `complete` at the end. See [`event_stream`] for the life of a stream.

mod event_stream;

use async_graphql::parser::types::OperationType;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};

use self::event_stream::EventStream;
use crate::client::Client;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::answer::Refusal;
use crate::http::body::{self, BodyFault};
use crate::http::media::{Media, Sent};
use crate::http::params::Params;
use crate::http::{Fault, body_fault, unsupported_media_type, wrong_method};
use crate::idempotency::IdempotencyKey;

const EVENT_STREAM: &str = "text/event-stream";

/// The endpoint of event streams: it answers all methods of its path.
pub(crate) struct EventStreams<E: Engine>(Gateway<E>);

impl<E: Engine> EventStreams<E> {
    pub fn new(gateway: Gateway<E>) -> Self {
        Self(gateway)
    }
}

impl<E: Engine> Endpoint for EventStreams<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        body::linger(&mut request);
        Ok(match open(&self.0, request).await {
            Ok(response) => response,
            Err(Fault::Answer(answer)) => answer.respond(Media::GraphqlResponse),
            Err(Fault::Refusal(refusal)) => refusal.respond(Media::GraphqlResponse),
        })
    }
}

async fn open<E: Engine>(gateway: &Gateway<E>, mut request: Request) -> Result<Response, Fault> {
    let params = parameters(gateway, &mut request).await?;
    let asked = params.into_request().map_err(Refusal::malformed)?;
    let guard = gateway.guard();
    let mut prepared = gateway.prepare(asked, &mut guard.budget())?;
    let key = IdempotencyKey::of(request.headers(), &prepared, None);
    prepared.idempotency_key = key.map_err(Refusal::malformed)?;
    let kind = prepared.kind;
    if kind == OperationType::Mutation && request.method() == Method::GET {
        return Err(wrong_method("A mutation needs POST.", "POST").into());
    }
    let client = Client::of(&request);
    let permit = gateway.open_socket(&client);
    let permit = permit.map_err(Refusal::by_code)?;
    let credential = gateway.engine().credential(request.headers());
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated.map_err(Refusal::by_code)?;
    let answers = gateway.run(prepared, auth.clone(), client);
    let events = match kind {
        OperationType::Subscription => EventStream::subscription(gateway, answers, permit, auth),
        _ => EventStream::operation(gateway, answers, permit),
    };
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .header("X-Accel-Buffering", "no")
        .body(Body::from_bytes_stream(events.start())))
}

async fn parameters<E: Engine>(gateway: &Gateway<E>, request: &mut Request) -> Result<Params, Refusal> {
    let posted = match *request.method() {
        Method::GET => false,
        Method::POST => true,
        _ => {
            return Err(wrong_method(
                "Use POST, or GET for queries and subscriptions.",
                "GET, POST",
            ));
        }
    };
    if !accepted(request.headers()) {
        return Err(not_acceptable());
    }
    if !posted {
        let text = request.uri().query().unwrap_or_default();
        return Params::from_query_string(text).map_err(Refusal::unreadable);
    }
    if Sent::of(request.headers()) != Some(Sent::Json) {
        return Err(unsupported_media_type());
    }
    let settings = gateway.settings();
    if body::announced_over(request.headers(), settings.max_body as u64) {
        return Err(body_fault(BodyFault::TooLarge));
    }
    let body = body::read(request.take_body(), settings.max_body, settings.body_timeout).await;
    Params::one_from_json(&body.map_err(body_fault)?).map_err(Refusal::unreadable)
}

/// Whether the client names event streams: who takes just anything would wait for the end of one.
fn accepted(headers: &HeaderMap) -> bool {
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

fn not_acceptable() -> Refusal {
    let words = "This endpoint answers with events: send Accept: text/event-stream, or use /graphql.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Error::new(Code::BadUserInput, words))
}
