//! Which pages of other origins may call `/graphql` and `/graphql/stream`: those of `VESTIBULE_ALLOWED_ORIGINS`, letter for
//! letter, with a token of their own. Cookies never count there, so `Access-Control-Allow-Credentials` is never said.

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};

/// The headers that we read and that a page may not send unasked.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Apollo-Require-Preflight, X-Vestibule-CSRF, Idempotency-Key",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const ALLOW: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
const SHOWN: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-Id");
const KEPT: HeaderValue = HeaderValue::from_static("600");

/// An endpoint that pages of `origins` may call.
pub(crate) struct Cors<P> {
    endpoint: P,
    origins: Vec<String>,
}

impl<P> Cors<P> {
    pub(crate) fn new(endpoint: P, origins: Vec<String>) -> Self {
        Self { endpoint, origins }
    }

    /// The origin to name in the answer, if it may read it.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut said = headers.get_all(header::ORIGIN).iter();
        let origin = said.next().filter(|_| said.next().is_none())?;
        let known = self.origins.iter().any(|known| origin == known.as_str());
        known.then(|| origin.clone())
    }
}

impl<P: Endpoint> Endpoint for Cors<P> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let allowed = self.allowed(request.headers());
        let asks_first = request.method() == Method::OPTIONS;
        let mut response = if asks_first {
            options(request.headers(), allowed.is_some())
        } else {
            self.endpoint.call(request).await?.into_response()
        };
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if !asks_first {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
            }
        }
        Ok(response)
    }
}

fn options(asked: &HeaderMap, allowed: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, ALLOW);
    if allowed && asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, KEPT);
    }
    response
}

#[cfg(test)]
mod tests;
