//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP); an upgrade goes to [`crate::websocket`], event streams are in
//! [`crate::sse`].

pub(crate) mod answer;
mod batch;
pub mod body;
pub(crate) mod media;
pub(crate) mod params;
mod upload;

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use crate::client::Client;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::answer::{Answer, Refusal};
use crate::http::body::BodyFault;
use crate::http::media::{Media, Sent};
use crate::http::params::{Body, Params};
use crate::idempotency::IdempotencyKey;
use crate::query_guard::Prepared;
use crate::websocket;

/// The GraphQL endpoint: it answers all methods of its path.
pub(crate) struct Graphql<E: Engine>(Gateway<E>);

impl<E: Engine> Graphql<E> {
    pub fn new(gateway: Gateway<E>) -> Self {
        Self(gateway)
    }
}

impl<E: Engine> Endpoint for Graphql<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if websocket::wanted(&request) {
            return Ok(websocket::upgrade(self.0.clone(), request).await);
        }
        body::linger(&mut request);
        let media = Media::negotiate(request.headers());
        let shown = media.unwrap_or(Media::Json { named: false });
        let answered = match media {
            Some(_) => answer(&self.0, request).await,
            None => Err(not_acceptable().into()),
        };
        Ok(match answered {
            Ok(Answered::One(answer)) => answer.respond(shown),
            Ok(Answered::Batch(answers)) => batch::respond(&answers, shown),
            Err(Fault::Answer(answer)) => answer.respond(shown),
            Err(Fault::Refusal(refusal)) => refusal.respond(shown),
        })
    }
}

/// What a request gets.
enum Answered {
    One(Answer),
    Batch(Vec<Answer>),
}

/// What ends a request early.
pub(crate) enum Fault {
    Answer(Answer),
    Refusal(Refusal),
}

impl From<Answer> for Fault {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

async fn answer<E: Engine>(gateway: &Gateway<E>, request: Request) -> Result<Answered, Fault> {
    match *request.method() {
        Method::GET => get(gateway, request).await.map(Answered::One),
        Method::POST => match Sent::of(request.headers()) {
            Some(Sent::Json) => post(gateway, request).await,
            Some(Sent::Multipart) => Box::pin(upload::post(gateway, request)).await.map(Answered::One),
            None => Err(unsupported_media_type().into()),
        },
        _ => Err(wrong_method("Use POST, or GET for a query.", "GET, POST").into()),
    }
}

async fn get<E: Engine>(gateway: &Gateway<E>, request: Request) -> Result<Answer, Fault> {
    let text = request.uri().query().unwrap_or_default();
    let params = Params::from_query_string(text).map_err(Refusal::unreadable)?;
    let asked = params.into_request().map_err(Refusal::malformed)?;
    let guard = gateway.guard();
    let prepared = gateway.prepare(asked, &mut guard.budget())?;
    match prepared.kind {
        OperationType::Query => one_answer(gateway, &request, prepared).await,
        OperationType::Mutation => Err(wrong_method("A mutation needs POST.", "POST").into()),
        OperationType::Subscription => Err(needs_a_socket().into()),
    }
}

async fn post<E: Engine>(gateway: &Gateway<E>, mut request: Request) -> Result<Answered, Fault> {
    let settings = gateway.settings();
    if body::announced_over(request.headers(), settings.max_body as u64) {
        return Err(body_fault(BodyFault::TooLarge).into());
    }
    let body = body::read(request.take_body(), settings.max_body, settings.body_timeout).await;
    let bytes = body.map_err(body_fault)?;
    let params = match Body::from_json(&bytes).map_err(Refusal::unreadable)? {
        Body::One(params) => params,
        Body::Batch(operations) => {
            let answers = Box::pin(batch::answers(gateway, &request, operations)).await?;
            return Ok(Answered::Batch(answers));
        }
    };
    let asked = params.into_request().map_err(Refusal::malformed)?;
    let guard = gateway.guard();
    let prepared = gateway.prepare(asked, &mut guard.budget())?;
    if prepared.kind == OperationType::Subscription {
        return Err(needs_a_socket().into());
    }
    one_answer(gateway, &request, prepared).await.map(Answered::One)
}

async fn one_answer<E: Engine>(
    gateway: &Gateway<E>,
    request: &Request,
    mut prepared: Prepared,
) -> Result<Answer, Fault> {
    let key = IdempotencyKey::of(request.headers(), &prepared, None);
    prepared.idempotency_key = key.map_err(Refusal::malformed)?;
    let client = Client::of(request);
    let credential = gateway.engine().credential(request.headers());
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated.map_err(Refusal::by_code)?;
    let answer = gateway.run(prepared, auth, client).next().await;
    Ok(answer.unwrap_or_else(|| Answer::broken("an operation gave no answer")))
}

pub(crate) fn body_fault(fault: BodyFault) -> Refusal {
    let (status, words) = match fault {
        BodyFault::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
        BodyFault::TooSlow => (StatusCode::REQUEST_TIMEOUT, "The body took too long."),
        BodyFault::Broken => (StatusCode::BAD_REQUEST, "The body ended too early."),
    };
    Refusal::new(status, Error::bad_input("body", words)).closing()
}

fn needs_a_socket() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, no_stream_here())
}

fn no_stream_here() -> Error {
    let words = "A subscription needs a WebSocket (sub-protocol graphql-transport-ws, at this address), or /graphql/stream.";
    Error::new(Code::BadUserInput, words)
}

pub(crate) fn wrong_method(words: &str, allowed: &'static str) -> Refusal {
    let error = Error::new(Code::BadUserInput, words);
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, error).with(header::ALLOW, allowed)
}

pub(crate) fn unsupported_media_type() -> Refusal {
    let words = "Send JSON in UTF-8, not compressed, with Content-Type: application/json.";
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::new(Code::BadUserInput, words),
    )
}

fn not_acceptable() -> Refusal {
    let words = "The answers are application/graphql-response+json or application/json.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Error::new(Code::BadUserInput, words))
}
