//! Several operations in one `POST`: a JSON list in, a list of answers out, in the same order.
//!
//! All of them are looked at before the first one runs, and share one budget and one deadline. Queries run side by side; if one of the
//! operations is a mutation, all run one after the other.

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::BoxStream;
use poem::Request;
use poem::http::{StatusCode, header};
use serde_json::Value;

use crate::db::deadline::Deadline;
use crate::error::{Code, Error};
use crate::http::gate::Prepared;
use crate::http::gate::limits::Budget;
use crate::http::graphql::answer::{Answer, Refusal};
use crate::http::graphql::media::Media;
use crate::http::graphql::params::Params;
use crate::http::graphql::run::{Door, run};
use crate::http::graphql::{Fault, no_stream_here, once};
use crate::http::{Engine, credentials};

pub(super) async fn answers<E: Engine>(
    door: &Door<E>,
    request: &Request,
    operations: Vec<Value>,
) -> Result<Vec<Answer>, Fault> {
    let gate = door.engine.gate();
    counted(operations.len(), gate.limits.batch)?;
    let mut budget = gate.budget();
    let prepared: Vec<_> = operations
        .into_iter()
        .map(|operation| prepare(door, operation, &mut budget))
        .collect();
    let mutates = prepared
        .iter()
        .flatten()
        .any(|prepared| prepared.kind == OperationType::Mutation);
    if mutates && request.headers().contains_key(once::HEADER) {
        let words = "The header belongs to a request with one mutation, not to a batch.";
        return Err(Refusal::malformed(Error::bad_input("Idempotency-Key", words)).into());
    }
    let client = credentials::client(request);
    let deadline = Deadline::request();
    let mut runs = Vec::with_capacity(prepared.len());
    let mut in_turn = false;
    for prepared in prepared {
        runs.push(match prepared {
            Ok(mut prepared) => {
                prepared.deadline = deadline.clone();
                in_turn = in_turn || prepared.kind == OperationType::Mutation;
                let presented = credentials::of_request(request.headers(), door.engine.settings());
                // One credential that is not believed refuses the whole batch, before any of it ran.
                let entered = door.enter(presented, &client, &prepared).await;
                let pass = entered.map_err(Refusal::at_the_door)?;
                Ok(run(door, prepared, pass, client.clone()))
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

fn prepare<E: Engine>(door: &Door<E>, operation: Value, budget: &mut Budget) -> Result<Prepared, Answer> {
    let refused = |error| Answer::refused(&error);
    let asked = Params::from_value(operation).and_then(Params::into_request);
    let prepared = door.prepare(asked.map_err(refused)?, budget)?;
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
