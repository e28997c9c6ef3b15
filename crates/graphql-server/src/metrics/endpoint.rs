//! The endpoint of a separate listener: `/metrics` and `/healthz`.

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use super::Exporter;
use crate::access_log;

/// The media type of the OpenMetrics text format.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub struct MetricsEndpoint(pub Exporter);

impl Endpoint for MetricsEndpoint {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let get = *request.method() == Method::GET;
        Ok(match request.uri().path() {
            "/healthz" if get => plain(StatusCode::OK, "ok\n"),
            "/metrics" if get && self.0.is_authorized(&request) => {
                access_log::route("/metrics");
                match self.0.text() {
                    Ok(text) => Response::builder()
                        .header(header::CONTENT_TYPE, CONTENT_TYPE)
                        .header(header::CACHE_CONTROL, "no-store")
                        .body(text),
                    Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, &error.report().message),
                }
            }
            _ => plain(StatusCode::NOT_FOUND, "not found\n"),
        })
    }
}

fn plain(status: StatusCode, text: &str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .body(text.to_owned())
}
