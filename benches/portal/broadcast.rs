//! A change sent to 10,000 readers over WebSockets, compared with a program that does nothing else: tungstenite, a task per
//! socket, one text for all. Both are separate processes; the readers are the same.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};
use tokio_util::task::AbortOnDropHandle;

use crate::bench_server::BenchServer;

/// 10,000, or as many as the limit of open files allows for two groups.
pub fn readers() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    files.map_or(10_000, |files: usize| (files.saturating_sub(500) / 2).min(10_000))
}

/// Set in the process of the raw broadcast.
const RAW: &str = "VESTIBULE_BENCH_RAW";

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(2_048)
        .write_buffer_size(0)
}

/// Counts the frames that the readers receive.
struct Received {
    readers: usize,
    count: AtomicUsize,
    all: Notify,
}

impl Received {
    async fn reached(&self, count: usize) {
        while self.count.load(Ordering::Acquire) < count {
            let _ = tokio::time::timeout(Duration::from_millis(5), self.all.notified()).await;
        }
    }

    fn count_frames(
        self: Arc<Self>,
        mut socket: SplitStream<WebSocketStream<TcpStream>>,
    ) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(async move {
            while let Some(Ok(frame)) = socket.next().await {
                if frame.is_text() {
                    self.count.fetch_add(1, Ordering::AcqRel);
                    if self.count.load(Ordering::Acquire).is_multiple_of(self.readers) {
                        self.all.notify_one();
                    }
                }
            }
        }))
    }
}

/// A reader's socket, which closes when this is dropped.
struct Reader {
    /// Sends the pongs.
    _sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    _frames: AbortOnDropHandle<()>,
}

/// The readers of one server.
pub struct Readers {
    received: Arc<Received>,
    _sockets: Vec<Reader>,
}

impl Readers {
    async fn connect(port: u16, token: Option<&str>) -> Self {
        let readers = readers();
        let received = Arc::new(Received {
            readers,
            count: AtomicUsize::new(0),
            all: Notify::new(),
        });
        let joined = stream::iter(0..readers).map(|_| join(port, token, Arc::clone(&received)));
        let sockets = joined.buffer_unordered(64).collect().await;
        let group = Self {
            received,
            _sockets: sockets,
        };
        if token.is_some() {
            // Each reader gets the current counts first.
            group.received.reached(readers).await;
            group.received.count.store(0, Ordering::Release);
        }
        group
    }

    /// Seconds until the last reader has received the result of `work`.
    async fn seconds_until_received(&self, work: impl Future<Output = ()>) -> f64 {
        let before = self.received.count.load(Ordering::Acquire);
        let started_at = Instant::now();
        work.await;
        self.received.reached(before + self.received.readers).await;
        started_at.elapsed().as_secs_f64()
    }
}

async fn join(port: u16, token: Option<&str>, received: Arc<Received>) -> Reader {
    let socket = match token {
        Some(token) => subscribe(port, token).await,
        None => connect(port, None).await,
    };
    let (sink, frames) = socket.split();
    Reader {
        _sink: sink,
        _frames: received.count_frames(frames),
    }
}

async fn connect(port: u16, protocol: Option<&str>) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a connection");
    let url = format!("ws://localhost:{port}/graphql");
    let mut request = url.into_client_request().expect("a request");
    if let Some(protocol) = protocol {
        let protocol = protocol.parse().expect("a name");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
    }
    let (socket, _) = client_async_with_config(request, stream, Some(config()))
        .await
        .expect("a handshake");
    socket
}

/// A socket that subscribed to the counts.
pub async fn subscribe(port: u16, token: &str) -> WebSocketStream<TcpStream> {
    let mut socket = connect(port, Some("graphql-transport-ws")).await;
    let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}});
    let query = "subscription { portalStats { invited active invitedTotal version asOf } }";
    let subscribe = json!({"id": "1", "type": "subscribe", "payload": {"query": query}});
    socket
        .send(Message::text(init.to_string()))
        .await
        .expect("it is taken");
    socket.next().await.expect("an acknowledgement").expect("a frame");
    socket
        .send(Message::text(subscribe.to_string()))
        .await
        .expect("it is taken");
    socket
}

/// The measurements: milliseconds of the server and of the raw broadcast, and KiB of the server's memory.
pub struct Measured {
    pub ours: Vec<f64>,
    pub raw: Vec<f64>,
    pub kib_each: f64,
    pub kib_before: f64,
    pub kib_after: f64,
}

pub async fn measure(server: &BenchServer, pairs: usize) -> Measured {
    let before = server.memory();
    let ours = Readers::connect(server.port, Some(&server.token)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let kib_each = (server.memory() - before) / readers() as f64;
    let mut raw = RawBroadcast::start().await;
    let others = Readers::connect(raw.port, None).await;
    let mut measured = Measured {
        ours: Vec::new(),
        raw: Vec::new(),
        kib_each,
        kib_before: before,
        kib_after: 0.0,
    };
    for pair in 0..=pairs {
        let one = ours.seconds_until_received(server.change(pair)).await;
        let other = others.seconds_until_received(raw.broadcast()).await;
        // The first of each is a warm-up.
        if pair > 0 {
            measured.ours.push(one * 1_000.0);
            measured.raw.push(other * 1_000.0);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    raw.child.kill().await.expect("it ends");
    drop(ours);
    tokio::time::sleep(Duration::from_secs(60)).await;
    measured.kib_after = server.memory();
    measured
}

struct RawBroadcast {
    child: Child,
    input: ChildStdin,
    port: u16,
}

impl RawBroadcast {
    async fn start() -> Self {
        let this = std::env::current_exe().expect("this program");
        let mut child = Command::new(this)
            .env(RAW, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = lines.next_line().await.expect("a line").expect("a port");
        Self {
            input: child.stdin.take().expect("its input"),
            port: port.parse().expect("a port"),
            child,
        }
    }

    async fn broadcast(&mut self) {
        self.input.write_all(b"go\n").await.expect("it listens");
    }
}

/// Runs the raw broadcast if this is its process; returns `false` in any other.
pub async fn raw() -> bool {
    if std::env::var_os(RAW).is_none() {
        return false;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    let (text_sender, _) = watch::channel(String::new());
    let readers = text_sender.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let mut text_sender = readers.subscribe();
            tokio::spawn(async move {
                let mut socket = accept_async_with_config(stream, Some(config()))
                    .await
                    .expect("a handshake");
                while text_sender.changed().await.is_ok() {
                    let text = text_sender.borrow_and_update().clone();
                    if socket.send(Message::text(text)).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let text =
        json!({"type": "next", "id": "1", "payload": {"data": {"portalStats": {"invited": 1, "active": 2,
        "invitedTotal": 3, "version": "00000000000000000007", "asOf": "2026-01-01T00:00:00Z"}}}})
        .to_string();
    tokio::task::block_in_place(|| {
        for _ in std::io::stdin().lines().map_while(Result::ok) {
            text_sender.send_replace(text.clone());
        }
    });
    true
}
