//! What a transport returns: the result of an operation, or the error of a request.

use std::sync::{Arc, OnceLock};

use async_graphql::{Response, ServerError, Value};
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::{self, Code, Error};
use crate::http::media::MediaType;

/// The result of an operation. Clones share it. `data` is absent if the operation never ran.
#[derive(Clone, Debug)]
pub struct ExecutionResult(Arc<Content>);

#[derive(Debug, Serialize)]
struct Content {
    #[serde(skip_serializing)]
    json: OnceLock<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl ExecutionResult {
    /// The operation did not run.
    pub fn refused(error: &Error) -> Self {
        Self::failed(error::request_error(error))
    }

    pub fn failed(error: ServerError) -> Self {
        Self::new(vec![error], None)
    }

    fn new(errors: Vec<ServerError>, data: Option<Value>) -> Self {
        Self(Arc::new(Content {
            json: OnceLock::new(),
            errors,
            data,
        }))
    }

    /// Serialised once for all clones.
    pub fn json(&self) -> &str {
        let Content { json, .. } = &*self.0;
        json.get_or_init(|| serde_json::to_string(&*self.0).unwrap_or_default())
    }

    /// The operation ran, and failed in a way that no field could report.
    pub fn internal_failure(cause: &'static str) -> Self {
        Self::new(vec![error::internal_failure(cause)], Some(Value::Null))
    }

    /// The operation ran, and was cancelled.
    pub fn ended(error: &Error) -> Self {
        Self::new(vec![error::request_error(error)], Some(Value::Null))
    }

    /// Whether the operation never ran, for example because its document is invalid.
    pub fn never_ran(&self) -> bool {
        self.0.data.is_none()
    }

    pub fn errors(&self) -> &[ServerError] {
        &self.0.errors
    }

    fn retry_after(&self) -> Option<u64> {
        let mut seconds = self.0.errors.iter().filter_map(|error| {
            let value = error.extensions.as_ref()?.get("retryAfter")?;
            serde_json::to_value(value).ok()?.as_u64()
        });
        seconds.next()
    }

    /// As an HTTP response.
    pub fn respond(&self, media: MediaType) -> poem::Response {
        let status = match media {
            MediaType::GraphqlResponse if self.never_ran() => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        self.respond_with(media, status)
    }

    fn respond_with(&self, media: MediaType, status: StatusCode) -> poem::Response {
        let body = self.json().to_owned();
        let mut response = poem::Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, media.content_type())
            .header(header::CACHE_CONTROL, "no-store")
            .body(body);
        if let Some(seconds) = self.retry_after() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Response> for ExecutionResult {
    /// Expects a response whose errors have codes.
    fn from(response: Response) -> Self {
        // An error without a path occurred before the execution.
        let ran = response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
        let data = (ran || response.data != Value::Null).then_some(response.data);
        Self::new(response.errors, data)
    }
}

/// An error of the request, before anything ran.
#[derive(Debug)]
pub struct HttpError {
    error: Error,
    /// `None`: 400, or 200 if the client accepts `application/json` explicitly.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, &'static str)>,
}

impl HttpError {
    pub fn new(status: StatusCode, error: Error) -> Self {
        Self {
            error,
            status: Some(status),
            headers: Vec::new(),
        }
    }

    /// The body is not valid JSON, or the form not valid.
    pub fn invalid_json(error: Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// A parameter is missing or of the wrong type.
    pub fn malformed(error: Error) -> Self {
        Self {
            error,
            status: None,
            headers: Vec::new(),
        }
    }

    /// Chooses the status by the error's code, as for an invalid credential or an exceeded limit.
    pub fn from_error(error: Error) -> Self {
        let status = match error.code {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let refusal = Self::new(status, error);
        match status {
            StatusCode::UNAUTHORIZED => refusal.with(header::WWW_AUTHENTICATE, "Bearer"),
            _ => refusal,
        }
    }

    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Closes the connection after the response, instead of reading the rest of the body.
    #[must_use]
    pub fn closing(self) -> Self {
        self.with(header::CONNECTION, "close")
    }

    pub fn respond(&self, media: MediaType) -> poem::Response {
        let status = match (self.status, media) {
            (Some(status), _) => status,
            (None, MediaType::Json { explicit: true }) => StatusCode::OK,
            (None, _) => StatusCode::BAD_REQUEST,
        };
        let mut response = ExecutionResult::refused(&self.error).respond_with(media, status);
        for (name, value) in &self.headers {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
