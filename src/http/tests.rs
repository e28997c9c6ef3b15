//! The transports against real clients, with a small schema in the place of the application.
//!
//! `Stage` is the server; each file has the sentences of one transport.

mod access;
mod batch;
mod bodies;
mod compress;
mod cors;
mod crowd;
mod events;
mod gate;
mod get;
mod life;
mod post;
mod rates;
mod schema;
mod sockets;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use poem::endpoint::make_sync;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::actor::{Client, Scope};
use crate::auth::viewer::{Pass, Presented, Viewer};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::http::gate::Gate;
use crate::http::gate::limits::Limits;
use crate::http::graphql::once::OnceKey;
use crate::http::graphql::shared::Groups;
use crate::http::rates::Rates;
use crate::http::serve::{Patience, Rules, Running, serve};
use crate::http::{Engine, HttpSettings, transports};
use crate::ids::{AccountId, ApiKeyId};
use schema::{Log, Small};

/// The application of the tests.
struct Theatre {
    schema: Small,
    gate: Gate,
    groups: Arc<Groups>,
    settings: HttpSettings,
    revoked: CancellationToken,
}

impl Engine for Theatre {
    async fn enter(&self, presented: &Presented, _: &Client) -> Result<Pass> {
        match presented {
            Presented::Nothing => Ok(Pass::anonymous()),
            Presented::Bearer(token) if token == "good" => Ok(key()),
            Presented::Bearer(token) if token == "narrow" => Ok(key_of(AccountId(Uuid::nil()), Vec::new())),
            Presented::Bearer(token) if token == "shared" => {
                Ok(key_of(AccountId(Uuid::nil()), vec![Scope::Contacts]))
            }
            Presented::Bearer(token) if token == "busy" => Err(Error::rate_limited("Too many.", 7)),
            Presented::Bearer(token) if token == "down" => Err(Error::unavailable("no database")),
            Presented::DashboardCookie { account, secret } if account == "acme" && secret == "sesame" => {
                Ok(key())
            }
            Presented::Bearer(token) if token == "panic" => panic!("on purpose"),
            _ => Err(Error::unauthenticated()),
        }
    }

    fn authorize_upload(&self, _: &str, viewer: &Viewer) -> Result<()> {
        viewer.staff(Scope::Contacts).map(drop)
    }

    async fn ended(&self, _: &Pass) {
        self.revoked.cancelled().await;
    }

    async fn execute(
        &self,
        request: async_graphql::Request,
        pass: Pass,
        _: Client,
        _: Option<OnceKey>,
    ) -> async_graphql::Response {
        self.schema.execute(request.data(pass)).await
    }

    fn stream(
        &self,
        request: async_graphql::Request,
        pass: Pass,
        _: Client,
    ) -> BoxStream<'static, async_graphql::Response> {
        self.schema.execute_stream(request.data(pass)).boxed()
    }

    fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn groups(&self) -> &Arc<Groups> {
        &self.groups
    }
}

/// Of an account of its own.
fn key() -> Pass {
    key_of(AccountId::new(&Clock::System.moment()), vec![Scope::Contacts])
}

fn key_of(account: AccountId, scopes: Vec<Scope>) -> Pass {
    let viewer = Viewer::Key {
        account,
        key: ApiKeyId::new(&Clock::System.moment()),
        scopes,
    };
    Pass {
        viewer,
        ..Pass::anonymous()
    }
}

/// A running server.
struct Stage {
    address: SocketAddr,
    log: Arc<Log>,
    revoked: CancellationToken,
    running: Running,
    server: JoinHandle<()>,
    uploads: tempfile::TempDir,
}

impl Stage {
    async fn open() -> Self {
        Self::open_with(|_, _| {}).await
    }

    async fn open_with(change: impl FnOnce(&mut HttpSettings, &mut Patience)) -> Self {
        Self::open_by(|settings, rules| change(settings, &mut rules.patience)).await
    }

    async fn open_by(change: impl FnOnce(&mut HttpSettings, &mut Rules)) -> Self {
        crate::auth::google::choose_cryptography();
        let uploads = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut settings = HttpSettings::new(format!("http://{address}"), uploads.path());
        let mut rules = Rules::default();
        change(&mut settings, &mut rules);
        let log = Arc::new(Log::default());
        let revoked = CancellationToken::new();
        let running = Running::default();
        let theatre = Theatre {
            groups: Arc::default(),
            gate: Gate::new(&schema::small(Arc::clone(&log)).sdl(), Limits::default()),
            schema: schema::small(Arc::clone(&log)),
            settings,
            revoked: revoked.clone(),
        };
        let rates = theatre.settings.rate.map(Rates::new);
        let routes = transports(&Arc::new(theatre), &running, rates)
            .at("/panic", make_sync(|_| -> &'static str { panic!("on purpose") }));
        let server = tokio::spawn(serve(listener, routes, running.clone(), rules));
        Self {
            address,
            log,
            revoked,
            running,
            server,
            uploads,
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

async fn sent(request: reqwest::RequestBuilder) -> Reply {
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

/// Writes the bytes and reads all that comes, until the server closes.
async fn talk(stage: &Stage, bytes: &[u8]) -> String {
    let mut stream = stage.tcp().await;
    stream.write_all(bytes).await.expect("it is taken");
    rest(&mut stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await;
    let _ = read.expect("the server closes");
    String::from_utf8_lossy(&text).into_owned()
}

/// Waits until it is so.
async fn soon(mut so: impl FnMut() -> bool) {
    for _ in 0..300 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}
