//! The life of one connection: its requests go to the endpoint through [`Middleware`], and a peer that takes too long is disconnected.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Buf, Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use poem::http::Version;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Request};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::Timeouts;
use super::middleware::Middleware;
use super::stall_timeout::StallTimeout;
use crate::access_log::Entry;
use crate::metrics::Open;
use crate::proxies::Origin;

pub(super) struct Accepted {
    pub stream: TcpStream,
    pub permit: OwnedSemaphorePermit,
    pub remote: SocketAddr,
    pub timeouts: Timeouts,
    pub middleware: Arc<Middleware>,
}

impl Accepted {
    pub(super) async fn serve<P: Endpoint + 'static>(self, endpoint: Arc<P>, watcher: Watcher) {
        let (remote, timeouts, middleware) = (self.remote, self.timeouts, self.middleware);
        if self.stream.set_nodelay(true).is_err() {
            return;
        }
        let local = self.stream.local_addr().unwrap_or(remote);
        let activity = Arc::new(Activity::new());
        let held = (self.permit, middleware.metrics.open(Open::Connection));
        let io = StallTimeout::new(self.stream, Arc::clone(&activity), timeouts.stall, held);
        let io = TokioIo::new(io);
        let seen = Arc::clone(&activity);
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let guard = seen.begin(request.version());
            let origin = middleware.origin(remote, request.headers());
            let request = addressed(request, local, (origin, remote.port()));
            let (endpoint, middleware) = (Arc::clone(&endpoint), Arc::clone(&middleware));
            async move {
                let (response, entry) = middleware.respond(&*endpoint, request).await;
                let response = hyper::Response::from(response);
                Ok::<_, Infallible>(response.map(|body| Guarded {
                    body,
                    entry,
                    _guard: guard,
                }))
            }
        });
        let builder = builder(&timeouts);
        let connection = builder.serve_connection_with_upgrades(io, service);
        tokio::select! {
            // How a connection ended is the client's business: resets and half requests are everyday.
            _ = watcher.watch(connection.into_owned()) => {}
            () = activity.too_long(&timeouts) => {}
        }
    }
}

fn addressed(
    mut request: hyper::Request<Incoming>,
    local: SocketAddr,
    (origin, port): (Origin, u16),
) -> Request {
    request.extensions_mut().insert(origin);
    let local = LocalAddr(Addr::SocketAddr(local));
    let remote = RemoteAddr(Addr::SocketAddr(SocketAddr::new(origin.address, port)));
    Request::from((request, local, remote, Scheme::HTTP))
}

fn builder(timeouts: &Timeouts) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // hyper's timer starts with the end of the previous request: it measures idleness. `Activity` measures the head itself.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.idle);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(100)
        .max_header_list_size(64 << 10);
    builder
}

/// What a connection is doing, for the deadlines that hyper does not have.
pub(super) struct Activity(Mutex<State>);

struct State {
    /// Requests whose answer has not been sent to its end.
    running: usize,
    first: bool,
    http2: bool,
    /// Since when nothing runs.
    quiet: Instant,
    /// When the first byte of the next request came.
    heard: Option<Instant>,
}

impl Activity {
    fn new() -> Self {
        Self(Mutex::new(State {
            running: 0,
            first: true,
            http2: false,
            quiet: Instant::now(),
            heard: None,
        }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn heard(&self) {
        self.with(|state| {
            if state.running == 0 && state.heard.is_none() {
                state.heard = Some(Instant::now());
            }
        });
    }

    fn begin(self: &Arc<Self>, version: Version) -> Guard {
        self.with(|state| {
            state.running += 1;
            state.first = false;
            state.http2 = version == Version::HTTP_2;
            state.heard = None;
        });
        Guard(Arc::clone(self))
    }

    /// Resolves when the peer has taken longer than its timeouts allow.
    async fn too_long(&self, timeouts: &Timeouts) {
        loop {
            let now = Instant::now();
            let deadline = self.with(|state| state.deadline(timeouts));
            if deadline.is_some_and(|deadline| deadline <= now) {
                return;
            }
            // A first byte may bring the deadline nearer while this sleeps.
            let look = now + timeouts.head / 3;
            tokio::time::sleep_until(deadline.map_or(look, |deadline| deadline.min(look))).await;
        }
    }
}

impl State {
    fn deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        if self.running > 0 {
            return None;
        }
        if self.first {
            return Some(self.quiet + timeouts.head);
        }
        let idle = self.quiet + timeouts.idle;
        // On HTTP/2 a byte may be a ping: it begins no request.
        let head = self
            .heard
            .filter(|_| !self.http2)
            .map(|heard| heard + timeouts.head);
        Some(head.map_or(idle, |head| head.min(idle)))
    }
}

/// A request that runs until its answer is sent or dropped.
struct Guard(Arc<Activity>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.running -= 1;
            state.quiet = Instant::now();
        });
    }
}

/// A body that keeps its request among the running ones, and in the log's hand.
struct Guarded<B> {
    body: B,
    entry: Arc<Entry>,
    _guard: Guard,
}

impl<B: Body + Unpin> Body for Guarded<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.entry
                .sent(frame.data_ref().map_or(0, |data| data.remaining()));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
