//! The accept loop: poem's routes over hyper, with timeouts of its own, and a graceful shutdown.
//!
//! [`ServerHandle`] is what has to end with the server: its `stop` tells the accept loop, the connections and the sockets; its
//! `tasks` are the sockets and the mutations that are waited for. `server/connection.rs` has the life of one connection.

mod connection;
mod connection_limit;
mod middleware;
mod stall_timeout;

use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use poem::Endpoint;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection_limit::ConnectionLimit;
use self::middleware::Middleware;
use crate::log_limit::LogLimit;
use crate::metrics::Metrics;
use crate::proxies::Peers;

/// What ends with the server, and what it counts meanwhile.
#[derive(Clone, Debug, Default)]
pub struct ServerHandle {
    /// Cancelled: accept nothing more, close the sockets with 1001, end each connection after its request.
    pub stop: CancellationToken,
    /// Sockets, and mutations whose client may have gone.
    pub tasks: TaskTracker,
    pub metrics: Metrics,
}

/// How long clients may take, and how long a shutdown.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Until the head of a request is there: from the connection's start, or from its first byte on a kept-alive one.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// While the peer takes not a single byte of what is sent.
    pub stall: Duration,
    /// For running requests when the server stops.
    pub graceful_shutdown: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(30),
            graceful_shutdown: Duration::from_secs(20),
        }
    }
}

/// The settings of the accept loop.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub timeouts: Timeouts,
    /// How many connections may be open, sockets among them.
    pub max_connections: usize,
    /// Which proxies are trusted to say where requests come from.
    pub peers: Peers,
    /// What to do about `X-Forwarded-For` from a proxy that is not declared, for the log.
    pub undeclared_proxy_advice: &'static str,
    /// Whether clients reach the server by https: they are told to use nothing else (HSTS).
    pub https: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            max_connections: 20_000,
            peers: Peers::default(),
            undeclared_proxy_advice: "Declare its address as a trusted proxy",
            https: false,
        }
    }
}

/// Serves until `handle.stop` is cancelled, then finishes what runs, for a bounded time. A warning about few open files is
/// logged by the call, before the future is polled.
pub fn serve<P>(
    listener: TcpListener,
    endpoint: P,
    handle: ServerHandle,
    settings: ServerSettings,
) -> impl Future<Output = ()>
where
    P: Endpoint + 'static,
{
    let limit = ConnectionLimit::new(settings.max_connections);
    accept(listener, endpoint, handle, settings, limit)
}

async fn accept<P>(
    listener: TcpListener,
    endpoint: P,
    handle: ServerHandle,
    settings: ServerSettings,
    limit: ConnectionLimit,
) where
    P: Endpoint + 'static,
{
    let endpoint = Arc::new(endpoint);
    let middleware = Arc::new(Middleware {
        https: settings.https,
        metrics: handle.metrics.clone(),
        peers: settings.peers,
        undeclared_proxy_advice: settings.undeclared_proxy_advice,
        warnings: LogLimit::default(),
    });
    let graceful = GracefulShutdown::new();
    let cut = CancellationToken::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = handle.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, remote)) => {
                let Some((stream, permit)) = limit.admit(stream) else {
                    continue;
                };
                let connection = connection::Accepted {
                    stream,
                    permit,
                    remote,
                    timeouts: settings.timeouts.clone(),
                    middleware: Arc::clone(&middleware),
                };
                let served = connection.serve(Arc::clone(&endpoint), graceful.watcher());
                tokio::spawn(cut.clone().run_until_cancelled_owned(served));
            }
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    graceful_shutdown(graceful, &handle, settings.timeouts.graceful_shutdown).await;
    cut.cancel();
}

/// A connection that was gone before it was accepted says nothing about the next; without free descriptors, wait for some.
async fn pause(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        return;
    }
    tracing::warn!(%error, "can't accept connections for now");
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn graceful_shutdown(graceful: GracefulShutdown, handle: &ServerHandle, wait: Duration) {
    handle.tasks.close();
    let all = async {
        graceful.shutdown().await;
        handle.tasks.wait().await;
    };
    if tokio::time::timeout(wait, all).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}
