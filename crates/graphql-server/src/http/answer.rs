//! What a transport sends back: the answer of an operation, or the refusal of a request.

use std::sync::{Arc, OnceLock};

use async_graphql::{Response, ServerError, Value};
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::{self, Code, Error};
use crate::http::media::Media;

/// The answer of an operation, shared by all who get it. `data` is absent when it never ran.
#[derive(Clone, Debug)]
pub struct Answer(Arc<Content>);

#[derive(Debug, Serialize)]
struct Content {
    #[serde(skip_serializing)]
    json: OnceLock<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl Answer {
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

    /// Written out once, for however many get it.
    pub fn json(&self) -> &str {
        let Content { json, .. } = &*self.0;
        json.get_or_init(|| serde_json::to_string(&*self.0).unwrap_or_default())
    }

    /// The operation ran, and broke in a way that no field could report.
    pub fn broken(cause: &'static str) -> Self {
        Self::new(vec![error::broken(cause)], Some(Value::Null))
    }

    /// The operation ran, and was ended.
    pub fn ended(error: &Error) -> Self {
        Self::new(vec![error::request_error(error)], Some(Value::Null))
    }

    /// Whether the operation never ran, as when its document is not valid.
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

    /// As the body of a response.
    pub fn respond(&self, media: Media) -> poem::Response {
        let status = match media {
            Media::GraphqlResponse if self.never_ran() => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        self.respond_with(media, status)
    }

    fn respond_with(&self, media: Media, status: StatusCode) -> poem::Response {
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

impl From<Response> for Answer {
    /// From a response whose errors have their codes.
    fn from(response: Response) -> Self {
        // An error that belongs to no field comes from before the execution.
        let ran = response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
        let data = (ran || response.data != Value::Null).then_some(response.data);
        Self::new(response.errors, data)
    }
}

/// A request that HTTP itself refuses, before anything runs.
#[derive(Debug)]
pub struct Refusal {
    error: Error,
    /// `None`: a 400 unless the client named `application/json`.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, &'static str)>,
}

impl Refusal {
    pub fn new(status: StatusCode, error: Error) -> Self {
        Self {
            error,
            status: Some(status),
            headers: Vec::new(),
        }
    }

    /// The request is not JSON, or no form, at all.
    pub fn unreadable(error: Error) -> Self {
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

    /// A credential that is not valid, or could not be checked; a caller or source that may not do this now.
    pub fn by_code(error: Error) -> Self {
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

    /// Ends the connection after the answer: the rest of the body is not worth reading.
    #[must_use]
    pub fn closing(self) -> Self {
        self.with(header::CONNECTION, "close")
    }

    pub fn respond(&self, media: Media) -> poem::Response {
        let status = match (self.status, media) {
            (Some(status), _) => status,
            (None, Media::Json { named: true }) => StatusCode::OK,
            (None, _) => StatusCode::BAD_REQUEST,
        };
        let mut response = Answer::refused(&self.error).respond_with(media, status);
        for (name, value) in &self.headers {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
