//! A TCP proxy to a test's database that can hang: it reads and discards bytes without closing connections. Or it refuses new
//! connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

pub struct Proxy {
    pub url: String,
    hang: Arc<watch::Sender<bool>>,
    refuse: Arc<AtomicBool>,
}

impl Proxy {
    /// `url` must be of a database on a Unix socket.
    pub async fn start(url: &str) -> Self {
        let part = |name: &str| {
            let mut parts = url.split(' ').filter_map(|part| part.strip_prefix(name));
            parts.next().expect("it is in the address").to_owned()
        };
        let socket = format!("{}/.s.PGSQL.5432", part("host="));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let hang = Arc::new(watch::Sender::new(false));
        let refuse = Arc::new(AtomicBool::new(false));
        tokio::spawn(accept(listener, socket, Arc::clone(&hang), Arc::clone(&refuse)));
        Self {
            url: format!(
                "host=127.0.0.1 port={port} user={} dbname={}",
                part("user="),
                part("dbname=")
            ),
            hang,
            refuse,
        }
    }

    /// Closes new connections from now on; existing ones go on.
    pub fn refuse_new_connections(&self) {
        self.refuse.store(true, Ordering::Relaxed);
    }

    /// Accepts connections again.
    pub fn accept_new_connections(&self) {
        self.refuse.store(false, Ordering::Relaxed);
    }

    /// Forwards nothing from now on.
    pub fn hang(&self) {
        self.hang.send_replace(true);
    }

    /// Forwards new connections again. Existing ones hang forever.
    pub fn resume(&self) {
        self.hang.send_replace(false);
    }
}

async fn accept(
    listener: TcpListener,
    socket: String,
    hang: Arc<watch::Sender<bool>>,
    refuse: Arc<AtomicBool>,
) {
    loop {
        let (client, _) = listener.accept().await.expect("a connection");
        if refuse.load(Ordering::Relaxed) {
            continue;
        }
        let hang_receiver = hang.subscribe();
        let hanging = *hang_receiver.borrow();
        let socket = socket.clone();
        tokio::spawn(async move {
            if hanging {
                return discard(client).await;
            }
            let server = UnixStream::connect(&socket).await.expect("PostgreSQL listens");
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(
                forward(from_client, to_server, hang_receiver.clone()),
                forward_back(from_server, to_client, hang_receiver),
            );
        });
    }
}

async fn discard(mut client: TcpStream) {
    let mut lost = [0; 4096];
    while client.read(&mut lost).await.is_ok_and(|count| count > 0) {}
}

/// Copies until the proxy hangs, then only reads.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: tokio::net::unix::OwnedWriteHalf,
    mut hang: watch::Receiver<bool>,
) {
    let mut bytes = [0; 16 << 10];
    let mut lost = false;
    loop {
        let count = tokio::select! {
            biased;
            _ = hang.changed(), if !lost => {
                lost = true;
                continue;
            }
            read = from.read(&mut bytes) => read.unwrap_or(0),
        };
        if count == 0 {
            // A close by the client is not forwarded to an unreachable server.
            return if lost {
                std::future::pending().await
            };
        }
        if !lost && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

async fn forward_back(
    mut from: tokio::net::unix::OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut hang: watch::Receiver<bool>,
) {
    let mut bytes = [0; 16 << 10];
    loop {
        let count = tokio::select! {
            biased;
            _ = hang.changed() => std::future::pending().await,
            read = from.read(&mut bytes) => read.unwrap_or(0),
        };
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
