use std::net::SocketAddr;

use graphql_server::server::{ServerHandle, ServerSettings, serve};
use graphql_server::{RateLimit, RateLimited};
use poem::endpoint::make_sync;
use poem::{IntoResponse, Response, Route};
use reqwest::Method;
use tokio::net::TcpListener;

use super::Cors;

const FRIEND: &str = "https://app.example";

/// A server whose pages of other origins are those of [`FRIEND`]; it answers with the status that the request names.
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
        crate::sign_in::google::provider::install_crypto_provider();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let rate = rate.map(|rate| RateLimit::new(rate.parse().expect("a rate")));
        let endpoint = || {
            let limited = RateLimited::new(make_sync(status_as_named), rate.clone());
            Cors::new(limited, vec![FRIEND.to_owned()])
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

fn status_as_named(request: poem::Request) -> Response {
    let status = request.header("x-status").and_then(|status| status.parse().ok());
    status.unwrap_or(poem::http::StatusCode::OK).into_response()
}

async fn asked(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let url = format!("http://{}{path}", server.address);
    let request = reqwest::Client::new().request(Method::OPTIONS, url);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn told(response: &reqwest::Response) -> Vec<(&str, &str)> {
    let headers = response.headers().iter();
    headers
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
        .collect()
}

#[tokio::test]
async fn a_known_origin_is_answered_before_it_sends() {
    let server = TestServer::start(None).await;
    for path in ["/graphql", "/graphql/stream"] {
        let headers = [
            ("origin", FRIEND),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization, content-type"),
        ];
        let response = asked(&server, path, &headers).await;
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["vary"], "Origin");
        let mut told = told(&response);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                (
                    "access-control-allow-headers",
                    "Authorization, Content-Type, Apollo-Require-Preflight, X-Vestibule-CSRF, Idempotency-Key"
                ),
                ("access-control-allow-methods", "GET, POST"),
                ("access-control-allow-origin", FRIEND),
                ("access-control-max-age", "600"),
            ]
        );
    }
}

#[tokio::test]
async fn an_answer_names_the_known_origin_alone_and_never_credentials() {
    let server = TestServer::start(None).await;
    for status in ["200", "401", "429"] {
        let request = server.post(status).header("origin", FRIEND);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_str(), status);
        let mut told = told(&response);
        told.sort_unstable();
        let shown = "Retry-After, X-Request-Id";
        let wanted = [
            ("access-control-allow-origin", FRIEND),
            ("access-control-expose-headers", shown),
        ];
        assert_eq!(told, wanted);
    }
}

#[tokio::test]
async fn an_unknown_origin_is_told_nothing() {
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
        let response = asked(&server, "/graphql", &[("origin", origin), method]).await;
        assert_eq!(
            (response.status().as_u16(), told(&response)),
            (204, vec![]),
            "{origin}"
        );
        assert_eq!(response.headers()["vary"], "Origin");
        let response = server.post("200").header("origin", origin).send().await;
        assert_eq!(told(&response.expect("an answer")), [], "{origin}");
    }
}

#[tokio::test]
async fn a_page_that_asks_first_is_not_counted_and_may_read_that_it_was_too_fast() {
    let server = TestServer::start(Some("1")).await;
    for _ in 0..20 {
        let headers = [("origin", FRIEND), ("access-control-request-method", "POST")];
        assert_eq!(asked(&server, "/graphql", &headers).await.status(), 204);
    }
    // A slow machine may let one more through each second.
    for _ in 0..50 {
        let request = server.post("200").header("origin", FRIEND);
        let response = request.send().await.expect("an answer");
        if response.status() == 200 {
            continue;
        }
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["access-control-allow-origin"], FRIEND);
        let exposed = response.headers()["access-control-expose-headers"].to_str();
        assert!(exposed.expect("text").contains("Retry-After"));
        return;
    }
    panic!("it was never refused");
}

#[tokio::test]
async fn options_without_an_origin_names_the_methods() {
    let server = TestServer::start(None).await;
    let response = asked(&server, "/graphql", &[]).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["allow"], "GET, POST, OPTIONS");
    assert_eq!(told(&response), []);
}
