//! What surrounds every request and every response, whichever route made it.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use poem::{Endpoint, Request, Response};
use tracing::Instrument;

use crate::access_log::{Entry, LogContext};
use crate::compress::{self, Coding};
use crate::headers;
use crate::http::answer::Answer;
use crate::log_limit::LogLimit;
use crate::metrics::Metrics;
use crate::proxies::{Origin, Peers};

/// What a client quotes, and the log knows.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The same for all connections.
#[derive(Debug)]
pub(super) struct Middleware {
    pub https: bool,
    pub metrics: Metrics,
    pub peers: Peers,
    pub undeclared_proxy_advice: &'static str,
    pub warnings: LogLimit,
}

impl Middleware {
    /// Where the request comes from, as the trusted proxies say.
    pub(super) fn origin(&self, peer: SocketAddr, headers: &HeaderMap) -> Origin {
        let mut forwarded = headers.get_all(FORWARDED).iter().peekable();
        let forwards = forwarded.peek().is_some();
        let lines = forwarded.map(|line| line.to_str().unwrap_or_default());
        let origin = self.peers.origin(peer.ip(), lines);
        if origin.undeclared_proxy && forwards {
            self.warn_of(origin.address);
        }
        origin
    }

    fn warn_of(&self, proxy: IpAddr) {
        if let Some(held_back) = self.warnings.pass_now("undeclared proxy") {
            tracing::warn!(
                %proxy,
                held_back,
                "X-Forwarded-For comes from a proxy that is not declared: limits per client are off. {}",
                self.undeclared_proxy_advice
            );
        }
    }

    /// The response, and the log's entry, which is finished when it is dropped.
    pub(super) async fn respond<P: Endpoint>(
        &self,
        endpoint: &P,
        request: Request,
    ) -> (Response, Arc<Entry>) {
        let entry = Entry::begin(request.method(), self.metrics.clone());
        let place = LogContext::Request(Arc::clone(&entry));
        let id = entry.id.to_string();
        let span = tracing::info_span!("request", id);
        let coding = Coding::chosen(request.headers());
        let answered = AssertUnwindSafe(Box::pin(endpoint.get_response(request))).catch_unwind();
        let answered = place.scope(answered.instrument(span)).await;
        let mut response = answered.unwrap_or_else(|_| panicked());
        if entry.only_queries() {
            response = compress::answer(response, coding).await;
        }
        headers::add(response.headers_mut(), self.https);
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        entry.answered(response.status());
        (response, entry)
    }
}

fn panicked() -> Response {
    let body = Answer::broken("a handler panicked").json().to_owned();
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .content_type("application/json; charset=utf-8")
        .body(body)
}
