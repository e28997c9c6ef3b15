//! Serves one connection: its requests go through [`Middleware`] to the endpoint, and a peer that takes too long is
//! disconnected.

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
use crate::metrics::OpenGauge;
use crate::proxies::RequestSource;

pub(super) struct AcceptedConnection {
    pub stream: TcpStream,
    pub permit: OwnedSemaphorePermit,
    pub remote: SocketAddr,
    pub timeouts: Timeouts,
    pub middleware: Arc<Middleware>,
}

impl AcceptedConnection {
    pub(super) async fn serve<P: Endpoint + 'static>(self, endpoint: Arc<P>, watcher: Watcher) {
        let (remote, timeouts, middleware) = (self.remote, self.timeouts, self.middleware);
        if self.stream.set_nodelay(true).is_err() {
            return;
        }
        let local = self.stream.local_addr().unwrap_or(remote);
        let activity = Arc::new(Activity::new());
        let guards = (self.permit, middleware.metrics.open(OpenGauge::Connection));
        let io = StallTimeout::new(self.stream, Arc::clone(&activity), timeouts.stall, guards);
        let io = TokioIo::new(io);
        let shared_activity = Arc::clone(&activity);
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let guard = shared_activity.start_request(request.version());
            let source = middleware.source(remote, request.headers());
            let request = with_addresses(request, local, (source, remote.port()));
            let (endpoint, middleware) = (Arc::clone(&endpoint), Arc::clone(&middleware));
            async move {
                let (response, entry) = middleware.respond(&*endpoint, request).await;
                let response = hyper::Response::from(response);
                Ok::<_, Infallible>(response.map(|body| TrackedBody {
                    body,
                    entry,
                    _guard: guard,
                }))
            }
        });
        let builder = builder(&timeouts);
        let connection = builder.serve_connection_with_upgrades(io, service);
        tokio::select! {
            // Errors of a connection are not logged: resets and partial requests are normal.
            _ = watcher.watch(connection.into_owned()) => {}
            () = activity.timed_out(&timeouts) => {}
        }
    }
}

fn with_addresses(
    mut request: hyper::Request<Incoming>,
    local: SocketAddr,
    (source, port): (RequestSource, u16),
) -> Request {
    request.extensions_mut().insert(source);
    let local = LocalAddr(Addr::SocketAddr(local));
    let remote = RemoteAddr(Addr::SocketAddr(SocketAddr::new(source.address, port)));
    Request::from((request, local, remote, Scheme::HTTP))
}

fn builder(timeouts: &Timeouts) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // hyper's timer starts with the end of the previous request, so it limits the idle time. `Activity` limits the head.
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

/// The state of a connection, for the timeouts that hyper does not have.
pub(super) struct Activity(Mutex<State>);

struct State {
    /// Requests whose response has not been sent completely.
    running: usize,
    awaiting_first_request: bool,
    http2: bool,
    /// When the last request ended, or the connection was accepted.
    idle_since: Instant,
    /// When the first byte of the next request arrived.
    request_started_at: Option<Instant>,
}

impl Activity {
    fn new() -> Self {
        Self(Mutex::new(State {
            running: 0,
            awaiting_first_request: true,
            http2: false,
            idle_since: Instant::now(),
            request_started_at: None,
        }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn bytes_received(&self) {
        self.with(|state| {
            if state.running == 0 && state.request_started_at.is_none() {
                state.request_started_at = Some(Instant::now());
            }
        });
    }

    fn start_request(self: &Arc<Self>, version: Version) -> RequestGuard {
        self.with(|state| {
            state.running += 1;
            state.awaiting_first_request = false;
            state.http2 = version == Version::HTTP_2;
            state.request_started_at = None;
        });
        RequestGuard(Arc::clone(self))
    }

    /// Resolves when the peer has exceeded a timeout.
    async fn timed_out(&self, timeouts: &Timeouts) {
        loop {
            let now = Instant::now();
            let deadline = self.with(|state| state.deadline(timeouts));
            if deadline.is_some_and(|deadline| deadline <= now) {
                return;
            }
            // The first byte of a request may shorten the deadline during the sleep.
            let next_check = now + timeouts.head / 3;
            tokio::time::sleep_until(deadline.map_or(next_check, |deadline| deadline.min(next_check))).await;
        }
    }
}

impl State {
    fn deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        if self.running > 0 {
            return None;
        }
        if self.awaiting_first_request {
            return Some(self.idle_since + timeouts.head);
        }
        let idle = self.idle_since + timeouts.idle;
        // On HTTP/2 a byte may be that of a ping, not of a request.
        let head = self
            .request_started_at
            .filter(|_| !self.http2)
            .map(|request_started_at| request_started_at + timeouts.head);
        Some(head.map_or(idle, |head| head.min(idle)))
    }
}

/// A running request, until its response is sent or dropped.
struct RequestGuard(Arc<Activity>);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.running -= 1;
            state.idle_since = Instant::now();
        });
    }
}

/// A body that keeps its request counted as running, and its log entry open.
struct TrackedBody<B> {
    body: B,
    entry: Arc<Entry>,
    _guard: RequestGuard,
}

impl<B: Body + Unpin> Body for TrackedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.entry
                .add_sent_bytes(frame.data_ref().map_or(0, |data| data.remaining()));
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
