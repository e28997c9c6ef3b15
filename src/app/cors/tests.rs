use std::net::SocketAddr;

use graphql_server::server::{ServerHandle, ServerSettings, serve};
use graphql_server::{RateLimit, RateLimited};
use poem::endpoint::make_sync;
use poem::{IntoResponse, Response, Route};
use reqwest::Method;
use tokio::net::TcpListener;

use super::Cors;

const ALLOWED_ORIGIN: &str = "https://app.example";

/// A server that allows [`ALLOWED_ORIGIN`] and answers with the status in the header `x-status`.
struct TestServer {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.handle.stop.cancel();
    }
}

impl TestServer {
    async fn start(rate: Option<&str>) -> Self {
        crate::base::tls::install_crypto_provider();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let rate = rate.map(|rate| RateLimit::new(rate.parse().expect("a rate")));
        let endpoint = || {
            let limited = RateLimited::new(make_sync(requested_status), rate.clone());
            Cors::new(limited, vec![ALLOWED_ORIGIN.to_owned()])
        };
        let routes = Route::new()
            .at("/graphql", endpoint())
            .at("/graphql/stream", endpoint());
        let handle = ServerHandle::default();
        tokio::spawn(serve(listener, routes, handle.clone(), ServerSettings::default()));
        Self { address, handle }
    }

    fn post(&self, status: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}/graphql", self.address);
        reqwest::Client::new().post(url).header("x-status", status)
    }
}

fn requested_status(request: poem::Request) -> Response {
    let status = request.header("x-status").and_then(|status| status.parse().ok());
    status.unwrap_or(poem::http::StatusCode::OK).into_response()
}

async fn send_options(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let url = format!("http://{}{path}", server.address);
    let request = reqwest::Client::new().request(Method::OPTIONS, url);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("a response")
}

fn cors_headers(response: &reqwest::Response) -> Vec<(&str, &str)> {
    let headers = response.headers().iter();
    headers
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
        .collect()
}

#[tokio::test]
async fn a_preflight_request_of_an_allowed_origin_succeeds() {
    let server = TestServer::start(None).await;
    for path in ["/graphql", "/graphql/stream"] {
        let headers = [
            ("origin", ALLOWED_ORIGIN),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization, content-type"),
        ];
        let response = send_options(&server, path, &headers).await;
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["vary"], "Origin");
        let mut headers = cors_headers(&response);
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                (
                    "access-control-allow-headers",
                    "Authorization, Content-Type, Apollo-Require-Preflight, X-Vestibule-CSRF, Idempotency-Key"
                ),
                ("access-control-allow-methods", "GET, POST"),
                ("access-control-allow-origin", ALLOWED_ORIGIN),
                ("access-control-max-age", "600"),
            ]
        );
    }
}

#[tokio::test]
async fn a_response_allows_the_origin_but_no_credentials() {
    let server = TestServer::start(None).await;
    for status in ["200", "401", "429"] {
        let request = server.post(status).header("origin", ALLOWED_ORIGIN);
        let response = request.send().await.expect("a response");
        assert_eq!(response.status().as_str(), status);
        let mut headers = cors_headers(&response);
        headers.sort_unstable();
        let exposed = "Retry-After, X-Request-Id";
        let expected = [
            ("access-control-allow-origin", ALLOWED_ORIGIN),
            ("access-control-expose-headers", exposed),
        ];
        assert_eq!(headers, expected);
    }
}

#[tokio::test]
async fn an_unknown_origin_gets_no_cors_headers() {
    let server = TestServer::start(None).await;
    for origin in [
        "https://app.example.evil",
        "http://app.example",
        "https://app.example:8443",
        "https://APP.example",
        "null",
        "*",
    ] {
        let method = ("access-control-request-method", "POST");
        let response = send_options(&server, "/graphql", &[("origin", origin), method]).await;
        assert_eq!(
            (response.status().as_u16(), cors_headers(&response)),
            (204, vec![]),
            "{origin}"
        );
        assert_eq!(response.headers()["vary"], "Origin");
        let response = server.post("200").header("origin", origin).send().await;
        assert_eq!(cors_headers(&response.expect("a response")), [], "{origin}");
    }
}

#[tokio::test]
async fn preflight_requests_are_not_rate_limited_and_a_429_is_readable() {
    let server = TestServer::start(Some("1")).await;
    for _ in 0..20 {
        let headers = [
            ("origin", ALLOWED_ORIGIN),
            ("access-control-request-method", "POST"),
        ];
        assert_eq!(send_options(&server, "/graphql", &headers).await.status(), 204);
    }
    // On a slow machine one more request passes each second.
    for _ in 0..50 {
        let request = server.post("200").header("origin", ALLOWED_ORIGIN);
        let response = request.send().await.expect("a response");
        if response.status() == 200 {
            continue;
        }
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["access-control-allow-origin"], ALLOWED_ORIGIN);
        let exposed = response.headers()["access-control-expose-headers"].to_str();
        assert!(exposed.expect("text").contains("Retry-After"));
        return;
    }
    panic!("it was never refused");
}

#[tokio::test]
async fn options_without_an_origin_names_the_methods() {
    let server = TestServer::start(None).await;
    let response = send_options(&server, "/graphql", &[]).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["allow"], "GET, POST, OPTIONS");
    assert_eq!(cors_headers(&response), []);
}
