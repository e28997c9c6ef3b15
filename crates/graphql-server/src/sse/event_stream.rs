//! The life of one event stream: a task that takes the next answer only when the one before was taken from it.
//!
//! A client that goes away ends the task at once, one that reads nothing after a while; with the task goes what it streams.

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
use crate::http::answer::Answer;
use crate::metrics::{Counted, Open};
use crate::settings::EventStreamSettings;
use crate::socket_limit::SocketPermit;

/// A comment: proxies close what stays silent, and its answer shows who is gone.
const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// Browsers hand on no event without a line of data.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

pub(super) struct EventStream {
    answers: BoxStream<'static, Answer>,
    /// Resolves when the authentication ends.
    ended: BoxFuture<'static, ()>,
    /// Resolves when the server stops.
    stop: BoxFuture<'static, ()>,
    settings: EventStreamSettings,
    _held: (SocketPermit, Counted),
}

impl EventStream {
    /// For a stream without an end: it ends with its authentication, and with the server.
    pub(super) fn subscription<E: Engine>(
        gateway: &Gateway<E>,
        answers: BoxStream<'static, Answer>,
        permit: SocketPermit,
        auth: E::Auth,
    ) -> Self {
        let held = gateway.clone();
        Self {
            ended: async move { held.engine().ended(&auth).await }.boxed(),
            stop: gateway.handle().stop.clone().cancelled_owned().boxed(),
            ..Self::operation(gateway, answers, permit)
        }
    }

    /// For a query or a mutation, which the server finishes before it stops.
    pub(super) fn operation<E: Engine>(
        gateway: &Gateway<E>,
        answers: BoxStream<'static, Answer>,
        permit: SocketPermit,
    ) -> Self {
        Self {
            answers,
            ended: pending().boxed(),
            stop: pending().boxed(),
            settings: gateway.settings().event_stream.clone(),
            _held: (permit, gateway.handle().metrics.open(Open::Stream)),
        }
    }

    /// The bytes of the stream, as its task makes them.
    pub(super) fn start(self) -> Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>> {
        let (out, taken) = mpsc::channel(1);
        tokio::spawn(self.work(out));
        unfold(taken, |mut taken| async move {
            let piece = taken.recv().await?;
            Some((Ok(piece), taken))
        })
        .boxed()
    }

    async fn work(mut self, out: mpsc::Sender<Bytes>) {
        let mut beat = interval(self.settings.keep_alive);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stall = self.settings.stall;
        let mut over = false;
        while !over {
            let piece = tokio::select! {
                biased;
                () = out.closed() => return,
                // Without `complete`, so that clients come back.
                () = &mut self.stop => return,
                () = &mut self.ended => { over = true; expired() }
                answer = self.answers.next() => match answer {
                    Some(answer) => next(&answer),
                    None => break,
                },
                _ = beat.tick() => KEEP_ALIVE,
            };
            if !give(&out, piece, stall).await {
                return;
            }
        }
        give(&out, COMPLETE, stall).await;
    }
}

/// Whether it was taken in time.
async fn give(out: &mpsc::Sender<Bytes>, piece: Bytes, stall: Duration) -> bool {
    timeout(stall, out.send(piece))
        .await
        .is_ok_and(|sent| sent.is_ok())
}

fn expired() -> Bytes {
    let words = "The session has ended, so the subscription ended too. Sign in again.";
    next(&Answer::refused(&Error::new(Code::SubscriptionExpired, words)))
}

fn next(answer: &Answer) -> Bytes {
    format!("event: next\ndata: {}\n\n", answer.json()).into()
}
