//! The accept loop: serves poem's routes over hyper, with its own timeouts and a graceful shutdown.
//!
//! [`ServerHandle`] stops the server: its `stop` token ends the accept loop, the connections and the sockets; its `tasks`
//! are the sockets and mutations that a shutdown waits for. `server/connection.rs` serves one connection.

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
use crate::proxies::ProxySettings;

/// Stops the server, and holds its metrics. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct ServerHandle {
    /// When it is cancelled, the server accepts no more connections, closes the sockets with 1012, and ends each connection
    /// after its request.
    pub stop: CancellationToken,
    /// Sockets, and mutations whose client may have disconnected.
    pub tasks: TaskTracker,
    pub metrics: Metrics,
}

/// Time limits for clients and for a shutdown.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// For the head of a request: from the connection's start, or from its first byte on a kept-alive connection.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// While the peer accepts no bytes.
    pub stall: Duration,
    /// For running requests at a shutdown.
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
    /// Maximum number of open connections, including sockets.
    pub max_connections: usize,
    /// Which proxies are trusted.
    pub proxies: ProxySettings,
    /// What an operator should do about an undeclared proxy, for the log.
    pub undeclared_proxy_advice: &'static str,
    /// Whether clients reach the server over https: then HSTS is sent.
    pub https: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            max_connections: 20_000,
            proxies: ProxySettings::default(),
            undeclared_proxy_advice: "Declare its address as a trusted proxy",
            https: false,
        }
    }
}

/// Serves until `handle.stop` is cancelled, then finishes running requests for a bounded time. The call itself logs a
/// warning if the limit of open files is low, before the future is polled.
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
        proxies: settings.proxies,
        undeclared_proxy_advice: settings.undeclared_proxy_advice,
        warnings: LogLimit::default(),
    });
    let graceful = GracefulShutdown::new();
    let abort = CancellationToken::new();
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
                let connection = connection::AcceptedConnection {
                    stream,
                    permit,
                    remote,
                    timeouts: settings.timeouts.clone(),
                    middleware: Arc::clone(&middleware),
                };
                let served = connection.serve(Arc::clone(&endpoint), graceful.watcher());
                tokio::spawn(abort.clone().run_until_cancelled_owned(served));
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    graceful_shutdown(graceful, &handle, settings.timeouts.graceful_shutdown).await;
    abort.cancel();
}

/// Waits after an error of the listener, such as no free file descriptors. A connection that was closed before it was
/// accepted does not affect the next.
async fn pause_after(error: &std::io::Error) {
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
