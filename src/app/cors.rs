//! CORS for `/graphql` and `/graphql/stream`: pages of `VESTIBULE_ALLOWED_ORIGINS`, compared exactly, may call them with tokens.
//! Cookies never count for other origins, so `Access-Control-Allow-Credentials` is never sent.

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};

/// The headers that we read and that need a preflight request.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Apollo-Require-Preflight, X-Vestibule-CSRF, Idempotency-Key",
);
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const ALLOW: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-Id");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// An endpoint that pages of `origins` may call.
pub(crate) struct Cors<P> {
    endpoint: P,
    origins: Vec<String>,
}

impl<P> Cors<P> {
    pub(crate) fn new(endpoint: P, origins: Vec<String>) -> Self {
        Self { endpoint, origins }
    }

    /// The request's origin, if it is allowed and the only one.
    fn allowed_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next().filter(|_| origins.next().is_none())?;
        let allowed = self.origins.iter().any(|allowed| origin == allowed.as_str());
        allowed.then(|| origin.clone())
    }
}

impl<P: Endpoint> Endpoint for Cors<P> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let allowed = self.allowed_origin(request.headers());
        let is_options = request.method() == Method::OPTIONS;
        let mut response = if is_options {
            options_response(request.headers(), allowed.is_some())
        } else {
            self.endpoint.call(request).await?.into_response()
        };
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if !is_options {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
            }
        }
        Ok(response)
    }
}

fn options_response(request: &HeaderMap, allowed: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, ALLOW);
    if allowed && request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}

#[cfg(test)]
mod tests;
