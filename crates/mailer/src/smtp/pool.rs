//! A bounded pool of connections.
//!
//! lettre's own pool takes back a connection whose send was dropped midway (by a time limit, for example): the next
//! message would read the previous one's reply. It also waits forever for a silent server, and does not say at which
//! command a refusal came. Here a dropped send closes its connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, timeout};

use super::session::{Failure, Server, Session};
use super::state::State;
use crate::SendError;
use crate::mime::Built;

/// Servers close idle connections after minutes (RFC 5321, section 4.5.3.2.7), gateways earlier.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Many relays accept at most a hundred messages per connection.
const MESSAGES_MAX: u32 = 100;
/// Time limit for the first reply on a reused connection; a dead one never replies.
const REUSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Pool {
    server: Server,
    slots: Semaphore,
    size: u32,
    limit: Duration,
    idle: Mutex<Idle>,
    pub state: State,
}

#[derive(Default)]
struct Idle {
    sessions: Vec<(Session, Instant)>,
    sweeping: bool,
    closed: bool,
}

impl Pool {
    pub fn new(server: Server, size: u32, limit: Duration) -> Arc<Self> {
        let slots = Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS));
        Arc::new(Self {
            server,
            slots,
            size,
            limit,
            idle: Mutex::default(),
            state: State::default(),
        })
    }

    pub async fn send(self: &Arc<Self>, built: &Built) -> Result<(), SendError> {
        let Ok(_slot) = self.slots.acquire().await else {
            return Err(SendError::Retry {
                reason: "the mailer is shutting down".to_owned(),
            });
        };
        let recipient = AsRef::<str>::as_ref(&built.to);
        match timeout(self.limit, self.converse(built)).await {
            Ok((session, sent)) => {
                match &sent {
                    Ok(()) => self.state.accepted(),
                    Err(failure) => self.state.failed(failure),
                }
                if let Some(session) = session {
                    self.give_back(session, sent.is_ok()).await;
                }
                sent.map_err(|failure| failure.verdict(recipient))
            }
            Err(_) => Err(self.silent()),
        }
    }

    /// Connects anew, signs in and quits.
    pub async fn check(&self) -> Result<(), SendError> {
        match timeout(self.limit, self.server.connect()).await {
            Ok(Ok(session)) => {
                self.state.checked();
                session.quit().await;
                Ok(())
            }
            Ok(Err(failure)) => {
                self.state.failed(&failure);
                Err(failure.verdict(""))
            }
            Err(_) => Err(self.silent()),
        }
    }

    pub async fn close(&self) {
        // With all slots taken, messages in flight have ended; later ones queue behind this and are refused.
        let all = self.slots.acquire_many(self.size).await;
        self.slots.close();
        drop(all);
        let sessions = {
            let mut idle = self.idle();
            idle.closed = true;
            std::mem::take(&mut idle.sessions)
        };
        join_all(sessions.into_iter().map(|(session, _)| session.quit())).await;
    }

    /// Returns the session if another message may follow on it.
    async fn converse(&self, built: &Built) -> (Option<Session>, Result<(), Failure>) {
        while let Some(mut session) = self.take() {
            match timeout(REUSE_TIMEOUT.min(self.limit / 3), session.begin(built)).await {
                Ok(Err(failure)) if failure.closes() => {}
                // Perhaps only this connection has reached the server's limit: try a new one.
                Ok(Err(Failure::Refused { .. })) => {
                    tokio::spawn(session.quit());
                    break;
                }
                Ok(begun) => return complete(session, begun, built).await,
                // Silent: the other idle connections are probably dead as well.
                Err(_) => self.idle().sessions.clear(),
            }
        }
        match self.server.connect().await {
            Ok(mut session) => {
                let begun = session.begin(built).await;
                complete(session, begun, built).await
            }
            Err(failure) => (None, Err(failure)),
        }
    }

    fn take(&self) -> Option<Session> {
        let mut idle = self.idle();
        idle.sessions
            .pop()
            .filter(|(_, since)| since.elapsed() < IDLE_MAX)
            .map(|(session, _)| session)
    }

    async fn give_back(self: &Arc<Self>, mut session: Session, clean: bool) {
        if session.messages >= MESSAGES_MAX {
            tokio::spawn(session.quit());
        } else if clean || session.reset().await {
            self.park(session);
        }
    }

    fn park(self: &Arc<Self>, session: Session) {
        let mut idle = self.idle();
        if idle.closed {
            return;
        }
        idle.sessions.push((session, Instant::now()));
        if !std::mem::replace(&mut idle.sweeping, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn silent(&self) -> SendError {
        self.state.silent();
        let reason = format!(
            "the mail server did not answer within {} s",
            self.limit.as_secs_f32().ceil()
        );
        SendError::Retry { reason }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn complete(
    mut session: Session,
    begun: Result<(), Failure>,
    built: &Built,
) -> (Option<Session>, Result<(), Failure>) {
    let sent = match begun {
        Ok(()) => session.finish(built).await,
        Err(failure) => Err(failure),
    };
    let usable = sent.as_ref().err().is_none_or(|failure| !failure.closes());
    (usable.then_some(session), sent)
}

/// Says `QUIT` on connections that have been idle too long. Ends with the pool, or when no idle connection is left.
async fn sweep(pool: Weak<Pool>) {
    let mut ticks = interval(IDLE_MAX / 2);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let (old, last) = {
            let mut idle = pool.idle();
            let fresh = idle
                .sessions
                .iter()
                .position(|(_, since)| since.elapsed() < IDLE_MAX);
            let old_count = fresh.unwrap_or(idle.sessions.len());
            let old: Vec<_> = idle.sessions.drain(..old_count).collect();
            idle.sweeping = !idle.sessions.is_empty();
            (old, !idle.sweeping)
        };
        drop(pool);
        join_all(old.into_iter().map(|(session, _)| session.quit())).await;
        if last {
            return;
        }
    }
}
