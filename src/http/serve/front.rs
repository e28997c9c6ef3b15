//! What surrounds every request and every response, whichever route made it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use poem::http::StatusCode;
use poem::{Endpoint, Request, Response};

use crate::http::graphql::answer::Answer;
use crate::http::headers;

/// The same for all connections.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub https: bool,
}

impl Front {
    pub(super) async fn respond<P: Endpoint>(&self, endpoint: &P, request: Request) -> Response {
        let answered = AssertUnwindSafe(Box::pin(endpoint.get_response(request))).catch_unwind();
        let mut response = answered.await.unwrap_or_else(|_| panicked());
        headers::add(response.headers_mut(), self.https);
        response
    }
}

fn panicked() -> Response {
    let body = serde_json::to_vec(&Answer::broken("a handler panicked")).unwrap_or_default();
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .content_type("application/json; charset=utf-8")
        .body(body)
}
