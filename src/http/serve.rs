//! The accept loop: poem's routes over hyper, with deadlines of our own, and an orderly end.
//!
//! [`Running`] is what has to end with the server: its `stop` tells the accept loop, the connections and the sockets; its
//! `tasks` are the sockets and the mutations that are waited for. See [`connection`] for the life of one connection.

mod connection;
mod front;
mod patience;
mod room;

use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use poem::Endpoint;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::front::Front;
use self::room::Room;
use crate::http::metrics::Metrics;
use crate::http::seats::Seats;
use crate::http::uploads::Uploads;
use crate::log_limit::LogLimit;
use crate::proxies::Peers;

/// What ends with the server, and what it counts meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// Cancelled: accept nothing more, close the sockets with 1001, end each connection after its request.
    pub stop: CancellationToken,
    /// Sockets, and mutations whose client may have gone.
    pub tasks: TaskTracker,
    pub metrics: Metrics,
    /// The open sockets and event streams by source.
    pub seats: Seats,
    /// The files that are being uploaded.
    pub uploads: Uploads,
}

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until the head of a request is there: from the connection's start, or from its first byte on a kept-alive one.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// While the peer takes not a single byte of what we send.
    pub stall: Duration,
    /// For running requests when the server stops.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(30),
            farewell: Duration::from_secs(20),
        }
    }
}

/// The rules of the house.
#[derive(Clone, Debug)]
pub struct Rules {
    pub patience: Patience,
    /// How many connections may be open, sockets among them.
    pub most_connections: usize,
    /// Whose word on where requests come from is believed.
    pub peers: Peers,
    /// Whether clients reach us by https: they are told to come by nothing else.
    pub https: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            patience: Patience::default(),
            most_connections: 20_000,
            peers: Peers::default(),
            https: false,
        }
    }
}

/// Serves until `running.stop` is cancelled, then finishes what runs, for a bounded time.
pub async fn serve<P>(listener: TcpListener, endpoint: P, running: Running, rules: Rules)
where
    P: Endpoint + 'static,
{
    let endpoint = Arc::new(endpoint);
    let room = Room::new(rules.most_connections);
    let front = Arc::new(Front {
        https: rules.https,
        metrics: running.metrics.clone(),
        peers: rules.peers,
        warnings: LogLimit::default(),
    });
    let graceful = GracefulShutdown::new();
    let cut = CancellationToken::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = running.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, remote)) => {
                let Some((stream, place)) = room.enter(stream) else {
                    continue;
                };
                let connection = connection::Accepted {
                    stream,
                    place,
                    remote,
                    patience: rules.patience.clone(),
                    front: Arc::clone(&front),
                };
                let served = connection.serve(Arc::clone(&endpoint), graceful.watcher());
                tokio::spawn(cut.clone().run_until_cancelled_owned(served));
            }
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    farewell(graceful, &running, rules.patience.farewell).await;
    cut.cancel();
}

/// A connection that was gone before we took it says nothing about the next; without free descriptors, wait for some.
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

async fn farewell(graceful: GracefulShutdown, running: &Running, wait: Duration) {
    running.tasks.close();
    let all = async {
        graceful.shutdown().await;
        running.tasks.wait().await;
    };
    if tokio::time::timeout(wait, all).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}
