//! Runs one event stream: a task that polls for the next result only after the previous one was read.
//!
//! The task ends, and drops the operation, as soon as the client disconnects, or when it has read nothing for a while.

use std::pin::Pin;
use std::time::Duration;

use futures_util::future::{BoxFuture, pending};
use futures_util::stream::{BoxStream, Stream, unfold};
use futures_util::{FutureExt, StreamExt};
use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gateway::Gateway;
use crate::http::result::ExecutionResult;
use crate::metrics::{GaugeGuard, OpenGauge};
use crate::settings::EventStreamSettings;
use crate::socket_limit::SocketPermit;

/// A comment: proxies close idle connections, and writing detects a disconnected client.
const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// Browsers ignore an event without a `data` line.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

pub(super) struct EventStream {
    results: BoxStream<'static, ExecutionResult>,
    /// Resolves when the authentication ends.
    ended: BoxFuture<'static, ()>,
    /// Resolves when the server stops.
    stop: BoxFuture<'static, ()>,
    settings: EventStreamSettings,
    _guards: (SocketPermit, GaugeGuard),
}

impl EventStream {
    /// For a subscription, which ends with its authentication and with the server.
    pub(super) fn subscription<E: Engine>(
        gateway: &Gateway<E>,
        results: BoxStream<'static, ExecutionResult>,
        permit: SocketPermit,
        auth: E::Auth,
    ) -> Self {
        let held = gateway.clone();
        Self {
            ended: async move { held.engine().until_ended(&auth).await }.boxed(),
            stop: gateway.handle().stop.clone().cancelled_owned().boxed(),
            ..Self::operation(gateway, results, permit)
        }
    }

    /// For a query or a mutation, which a graceful shutdown waits for.
    pub(super) fn operation<E: Engine>(
        gateway: &Gateway<E>,
        results: BoxStream<'static, ExecutionResult>,
        permit: SocketPermit,
    ) -> Self {
        Self {
            results,
            ended: pending().boxed(),
            stop: pending().boxed(),
            settings: gateway.settings().event_stream.clone(),
            _guards: (permit, gateway.handle().metrics.open(OpenGauge::Stream)),
        }
    }

    /// Spawns the task, and returns the bytes that it sends.
    pub(super) fn start(self) -> Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>> {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(self.run(sender));
        unfold(receiver, |mut receiver| async move {
            let chunk = receiver.recv().await?;
            Some((Ok(chunk), receiver))
        })
        .boxed()
    }

    async fn run(mut self, sender: mpsc::Sender<Bytes>) {
        let mut keep_alive = interval(self.settings.keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stall = self.settings.stall;
        let mut expired_sent = false;
        while !expired_sent {
            let chunk = tokio::select! {
                biased;
                () = sender.closed() => return,
                // Without `complete`, so that clients reconnect.
                () = &mut self.stop => return,
                () = &mut self.ended => { expired_sent = true; expired() }
                result = self.results.next() => match result {
                    Some(result) => next(&result),
                    None => break,
                },
                _ = keep_alive.tick() => KEEP_ALIVE,
            };
            if !send(&sender, chunk, stall).await {
                return;
            }
        }
        send(&sender, COMPLETE, stall).await;
    }
}

/// Whether it was read in time.
async fn send(sender: &mpsc::Sender<Bytes>, chunk: Bytes, stall: Duration) -> bool {
    timeout(stall, sender.send(chunk))
        .await
        .is_ok_and(|sent| sent.is_ok())
}

fn expired() -> Bytes {
    let message = "The session has ended, so the subscription ended too. Sign in again.";
    next(&ExecutionResult::refused(&Error::new(
        Code::SubscriptionExpired,
        message,
    )))
}

fn next(result: &ExecutionResult) -> Bytes {
    format!("event: next\ndata: {}\n\n", result.json()).into()
}
