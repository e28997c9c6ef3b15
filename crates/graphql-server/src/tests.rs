//! Tests of the transports with real clients and a small schema. Each file tests one transport.

mod access;
mod batch;
mod bodies;
mod compress;
mod connections;
mod engine;
mod events;
mod get;
mod lifecycle;
mod post;
mod query_guard;
mod rates;
mod schema;
mod sockets;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use poem::endpoint::make_sync;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;
use crate::server::{ServerHandle, ServerSettings, serve};
use crate::settings::GatewaySettings;
use crate::upload_limit::Uploads;
use engine::{PREFLIGHT, TestEngine};
use schema::Log;

/// A running server.
struct TestServer {
    address: SocketAddr,
    log: Arc<Log>,
    revoked: CancellationToken,
    handle: ServerHandle,
    task: JoinHandle<()>,
    uploads: Uploads<u32>,
    upload_dir: tempfile::TempDir,
}

impl TestServer {
    async fn start() -> Self {
        Self::start_with(|_, _| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut GatewaySettings, &mut ServerSettings)) -> Self {
        // A workspace may build reqwest with a TLS backend that needs this.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let upload_dir = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut gateway = GatewaySettings {
            preflight_headers: PREFLIGHT,
            ..GatewaySettings::new(upload_dir.path())
        };
        let mut settings = ServerSettings::default();
        change(&mut gateway, &mut settings);
        let log = Arc::new(Log::default());
        let revoked = CancellationToken::new();
        let handle = ServerHandle::default();
        let engine = TestEngine::new(&log, revoked.clone(), format!("http://{address}"));
        let guard = engine.guard();
        let gateway = Gateway::new(engine, guard, gateway, handle.clone());
        let routes = gateway
            .routes()
            .at("/panic", make_sync(|_| -> &'static str { panic!("on purpose") }));
        let task = tokio::spawn(serve(listener, routes, handle.clone(), settings));
        Self {
            address,
            log,
            revoked,
            handle,
            task,
            uploads: gateway.uploads().clone(),
            upload_dir,
        }
    }

    fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    fn post(&self, query: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .post(self.url())
            .json(&json!({ "query": query }))
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

async fn send(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = response.json().await.expect("JSON");
    Reply {
        status,
        headers,
        body,
    }
}

#[derive(Debug)]
struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn error(&self) -> &Value {
        &self.body["errors"][0]
    }

    fn code(&self) -> &str {
        self.error()["extensions"]["code"].as_str().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.error()["message"].as_str().unwrap_or_default()
    }
}

/// Writes the bytes, and reads until the server closes.
async fn send_raw(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = server.tcp().await;
    stream.write_all(bytes).await.expect("the server reads");
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await;
    let _ = read.expect("the server closes");
    String::from_utf8_lossy(&text).into_owned()
}

/// Waits until the condition holds.
async fn wait_until(mut condition: impl FnMut() -> bool) {
    for _ in 0..300 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the condition was not met in time");
}
