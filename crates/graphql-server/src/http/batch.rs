//! Several operations in one `POST`: a JSON list of operations, and a list of results in the same order.
//!
//! All of them are checked before the first one runs, and share one budget and one deadline. Queries run concurrently; if
//! one of the operations is a mutation, all run in sequence.

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
use crate::http::media::MediaType;
use crate::http::params::Params;
use crate::http::result::{ExecutionResult, HttpError};
use crate::http::{RequestFailure, subscription_over_http};
use crate::idempotency;
use crate::query_guard::PreparedOperation;
use crate::query_guard::limits::Budget;

pub(super) async fn execute<E: Engine>(
    gateway: &Gateway<E>,
    request: &Request,
    operations: Vec<Value>,
) -> Result<Vec<ExecutionResult>, RequestFailure> {
    let guard = gateway.guard();
    check_size(operations.len(), guard.limits.batch)?;
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
        let message = "The header needs a request with one mutation, not a batch.";
        return Err(HttpError::malformed(Error::bad_input("Idempotency-Key", message)).into());
    }
    let client = Client::from_request(request);
    let deadline = Deadline::new(gateway.settings().request_deadline);
    let mut runs = Vec::with_capacity(prepared.len());
    let mut sequential = false;
    for prepared in prepared {
        runs.push(match prepared {
            Ok(mut prepared) => {
                prepared.deadline = deadline.clone();
                sequential = sequential || prepared.kind == OperationType::Mutation;
                let credential = gateway.engine().credential(request.headers());
                // An invalid credential refuses the whole batch before any of it ran.
                let authenticated = gateway.authenticate(credential, &client, &prepared).await;
                let auth = authenticated.map_err(HttpError::from_error)?;
                Ok(gateway.run(prepared, auth, client.clone()))
            }
            Err(result) => Err(result),
        });
    }
    let run_one = async |run: Result<_, ExecutionResult>| match run {
        Ok(mut results) => BoxStream::next(&mut results)
            .await
            .unwrap_or_else(|| ExecutionResult::internal_failure("an operation gave no answer")),
        Err(result) => result,
    };
    if !sequential {
        return Ok(join_all(runs.into_iter().map(run_one)).await);
    }
    let mut results = Vec::with_capacity(runs.len());
    for run in runs {
        results.push(run_one(run).await);
    }
    Ok(results)
}

fn check_size(operations: usize, max: usize) -> Result<(), HttpError> {
    match operations {
        0 => Err(HttpError::new(
            StatusCode::BAD_REQUEST,
            Error::bad_input("body", "The batch is empty."),
        )),
        count if count > max => {
            let message = format!("A batch has at most {max} operations, this one has {count}.");
            let error = Error::new(Code::QueryTooComplex, message).at("body");
            Err(HttpError::new(StatusCode::BAD_REQUEST, error))
        }
        _ => Ok(()),
    }
}

fn prepare<E: Engine>(
    gateway: &Gateway<E>,
    operation: Value,
    budget: &mut Budget,
) -> Result<PreparedOperation, ExecutionResult> {
    let refused = |error| ExecutionResult::refused(&error);
    let operation = Params::from_value(operation).and_then(Params::into_request);
    let prepared = gateway.prepare(operation.map_err(refused)?, budget)?;
    match prepared.kind {
        OperationType::Subscription => Err(refused(subscription_over_http())),
        _ => Ok(prepared),
    }
}

/// Each result has its own errors: the status of a batch is always 200.
pub(super) fn respond(results: &[ExecutionResult], media: MediaType) -> poem::Response {
    poem::Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, media.content_type())
        .header(header::CACHE_CONTROL, "no-store")
        .body(format!(
            "[{}]",
            results
                .iter()
                .map(ExecutionResult::json)
                .collect::<Vec<_>>()
                .join(",")
        ))
}
