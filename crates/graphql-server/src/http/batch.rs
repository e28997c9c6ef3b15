//! Several operations in one `POST`: a JSON list in, a list of answers out, in the same order.
//!
//! All of them are checked before the first one runs, and share one budget and one deadline. Queries run side by side; if one
//! of the operations is a mutation, all run one after the other.

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::BoxStream;
use poem::Request;
use poem::http::{StatusCode, header};
use serde_json::Value;

use crate::client::Client;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::answer::{Answer, Refusal};
use crate::http::media::Media;
use crate::http::params::Params;
use crate::http::{Fault, no_stream_here};
use crate::idempotency;
use crate::query_guard::Prepared;
use crate::query_guard::limits::Budget;

pub(super) async fn answers<E: Engine>(
    gateway: &Gateway<E>,
    request: &Request,
    operations: Vec<Value>,
) -> Result<Vec<Answer>, Fault> {
    let guard = gateway.guard();
    counted(operations.len(), guard.limits.batch)?;
    let mut budget = guard.budget();
    let prepared: Vec<_> = operations
        .into_iter()
        .map(|operation| prepare(gateway, operation, &mut budget))
        .collect();
    let mutates = prepared
        .iter()
        .flatten()
        .any(|prepared| prepared.kind == OperationType::Mutation);
    if mutates && request.headers().contains_key(idempotency::HEADER) {
        let words = "The header needs a request with one mutation, not a batch.";
        return Err(Refusal::malformed(Error::bad_input("Idempotency-Key", words)).into());
    }
    let client = Client::of(request);
    let deadline = Deadline::new(gateway.settings().request_deadline);
    let mut runs = Vec::with_capacity(prepared.len());
    let mut in_turn = false;
    for prepared in prepared {
        runs.push(match prepared {
            Ok(mut prepared) => {
                prepared.deadline = deadline.clone();
                in_turn = in_turn || prepared.kind == OperationType::Mutation;
                let credential = gateway.engine().credential(request.headers());
                // One credential that is not valid refuses the whole batch, before any of it ran.
                let authenticated = gateway.authenticate(credential, &client, &prepared).await;
                let auth = authenticated.map_err(Refusal::by_code)?;
                Ok(gateway.run(prepared, auth, client.clone()))
            }
            Err(answer) => Err(answer),
        });
    }
    let one = async |run: Result<_, Answer>| match run {
        Ok(mut answers) => BoxStream::next(&mut answers)
            .await
            .unwrap_or_else(|| Answer::broken("an operation gave no answer")),
        Err(answer) => answer,
    };
    if !in_turn {
        return Ok(join_all(runs.into_iter().map(one)).await);
    }
    let mut answers = Vec::with_capacity(runs.len());
    for run in runs {
        answers.push(one(run).await);
    }
    Ok(answers)
}

fn counted(operations: usize, most: usize) -> Result<(), Refusal> {
    match operations {
        0 => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            Error::bad_input("body", "The batch is empty."),
        )),
        count if count > most => {
            let words = format!("A batch has at most {most} operations, this one has {count}.");
            let error = Error::new(Code::QueryTooComplex, words).at("body");
            Err(Refusal::new(StatusCode::BAD_REQUEST, error))
        }
        _ => Ok(()),
    }
}

fn prepare<E: Engine>(
    gateway: &Gateway<E>,
    operation: Value,
    budget: &mut Budget,
) -> Result<Prepared, Answer> {
    let refused = |error| Answer::refused(&error);
    let asked = Params::from_value(operation).and_then(Params::into_request);
    let prepared = gateway.prepare(asked.map_err(refused)?, budget)?;
    match prepared.kind {
        OperationType::Subscription => Err(refused(no_stream_here())),
        _ => Ok(prepared),
    }
}

/// Every answer says for itself how it went: the batch as a whole is a 200.
pub(super) fn respond(answers: &[Answer], media: Media) -> poem::Response {
    poem::Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, media.content_type())
        .header(header::CACHE_CONTROL, "no-store")
        .body(format!(
            "[{}]",
            answers.iter().map(Answer::json).collect::<Vec<_>>().join(",")
        ))
}
