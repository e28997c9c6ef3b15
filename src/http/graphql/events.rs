//! `GET` and `POST /graphql/stream`: an operation's answers as server-sent events (graphql-sse, "distinct connections").
//!
//! What HTTP or the gate refuses is an ordinary answer with its status; from there on everything, the errors of the
//! validation too, is an event: `next` for each answer, `complete` at the end. See [`pump`] for the life of a stream.

mod pump;

use async_graphql::parser::types::OperationType;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};

use self::pump::Pump;
use super::{Fault, body_fault, unsupported_media_type, wrong_method};
use crate::error::{Code, Error};
use crate::http::graphql::answer::Refusal;
use crate::http::graphql::media::{Media, Sent};
use crate::http::graphql::once::OnceKey;
use crate::http::graphql::params::Params;
use crate::http::graphql::run::{Door, run};
use crate::http::limits;
use crate::http::limits::BodyFault;
use crate::http::{Engine, credentials};

const EVENT_STREAM: &str = "text/event-stream";

/// The endpoint of event streams: all methods of its path are its own.
pub struct Events<E>(Door<E>);

impl<E: Engine> Events<E> {
    pub fn new(door: Door<E>) -> Self {
        Self(door)
    }
}

impl<E: Engine> Endpoint for Events<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        limits::linger(&mut request);
        Ok(match open(&self.0, request).await {
            Ok(response) => response,
            Err(Fault::Answer(answer)) => answer.respond(Media::GraphqlResponse),
            Err(Fault::Refusal(refusal)) => refusal.respond(Media::GraphqlResponse),
        })
    }
}

async fn open<E: Engine>(door: &Door<E>, mut request: Request) -> Result<Response, Fault> {
    let params = parameters(door, &mut request).await?;
    let asked = params.into_request().map_err(Refusal::malformed)?;
    let gate = door.engine.gate();
    let mut prepared = door.prepare(asked, &mut gate.budget())?;
    prepared.once = OnceKey::of(request.headers(), &prepared, None).map_err(Refusal::malformed)?;
    let kind = prepared.kind;
    if kind == OperationType::Mutation && request.method() == Method::GET {
        return Err(wrong_method("A mutation needs POST.", "POST").into());
    }
    let client = credentials::client(&request);
    let seat = door.running.seats.take(&client, door.engine.settings().seats);
    let seat = seat.map_err(Refusal::at_the_door)?;
    let presented = credentials::of_request(request.headers(), door.engine.settings());
    let entered = door.enter(presented, &client, &prepared).await;
    let pass = entered.map_err(Refusal::at_the_door)?;
    let answers = run(door, prepared, pass.clone(), client);
    let pump = match kind {
        OperationType::Subscription => Pump::subscription(door, answers, seat, pass),
        _ => Pump::operation(door, answers, seat),
    };
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .header("X-Accel-Buffering", "no")
        .body(Body::from_bytes_stream(pump.start())))
}

async fn parameters<E: Engine>(door: &Door<E>, request: &mut Request) -> Result<Params, Refusal> {
    let posted = match *request.method() {
        Method::GET => false,
        Method::POST => true,
        _ => {
            return Err(wrong_method(
                "Use POST, or GET for what changes nothing.",
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
    let settings = door.engine.settings();
    if limits::announced_over(request.headers(), settings.max_body as u64) {
        return Err(body_fault(BodyFault::TooLarge));
    }
    let body = limits::read(request.take_body(), settings.max_body, settings.body_wait).await;
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
    let words = "The answers are events: send Accept: text/event-stream, or ask /graphql.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Error::new(Code::BadUserInput, words))
}
