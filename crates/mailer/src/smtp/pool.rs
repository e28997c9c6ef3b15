//! A bounded pool of connections.
//!
//! lettre's own pool takes back a connection whose send was dropped midway (by a timeout, for example): the next message
//! would read the previous one's reply. It also waits forever for a server that does not respond, and does not report which
//! command was refused. Here a dropped send closes its connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, timeout};

use super::open_sessions::OpenSessions;
use super::session::{Connector, Session, SessionError};
use super::state::State;
use crate::SendError;
use crate::mime::EncodedMessage;

/// Servers close idle connections after minutes (RFC 5321, section 4.5.3.2.7), gateways earlier.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Many relays accept at most a hundred messages per connection.
const MESSAGES_MAX: u32 = 100;
/// Time limit for the first reply on a reused connection: a dead one never replies.
const REUSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Pool {
    connector: Connector,
    permits: Semaphore,
    size: u16,
    timeout: Duration,
    idle: Mutex<Idle>,
    open: Arc<OpenSessions>,
    pub state: State,
}

#[derive(Default)]
struct Idle {
    sessions: Vec<(Session, Instant)>,
    closing_expired: bool,
    closed: bool,
}

impl Pool {
    pub fn new(connector: Connector, size: u16, timeout: Duration) -> Arc<Self> {
        let permits = Semaphore::new(usize::from(size));
        Arc::new(Self {
            connector,
            permits,
            size,
            timeout,
            idle: Mutex::default(),
            open: Arc::default(),
            state: State::default(),
        })
    }

    pub async fn send(self: &Arc<Self>, message: &EncodedMessage) -> Result<(), SendError> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(SendError::Retry {
                reason: "the mailer is shutting down".to_owned(),
            });
        };
        let recipient = AsRef::<str>::as_ref(&message.to);
        match timeout(self.timeout, self.transmit(message)).await {
            Ok((session, sent)) => {
                match &sent {
                    Ok(()) => self.state.record_accepted(),
                    Err(error) => self.state.record_error(error),
                }
                if let Some(session) = session {
                    self.recycle(session, sent.is_ok()).await;
                }
                sent.map_err(|error| error.classify(recipient))
            }
            Err(_) => Err(self.timed_out()),
        }
    }

    /// Opens a new connection, authenticates and quits.
    pub async fn check(&self) -> Result<(), SendError> {
        match self.connect().await {
            Ok(session) => {
                self.state.record_connected();
                session.quit().await;
                Ok(())
            }
            Err(error) => {
                self.state.record_error(&error);
                Err(error.classify(""))
            }
        }
    }

    pub async fn close(&self) {
        // With all permits acquired, messages in flight have ended; later ones wait behind this and are refused.
        let all = self.permits.acquire_many(u32::from(self.size)).await;
        self.permits.close();
        drop(all);
        let sessions = {
            let mut idle = self.idle();
            idle.closed = true;
            std::mem::take(&mut idle.sessions)
        };
        join_all(sessions.into_iter().map(|(session, _)| session.quit())).await;
    }

    /// Returns the session as well, if another message can be sent on it.
    async fn transmit(&self, message: &EncodedMessage) -> (Option<Session>, Result<(), SessionError>) {
        loop {
            if let Some((session, begun)) = self.begin_on_idle(message).await {
                return complete(session, begun, message).await;
            }
            match self.connect().await {
                Ok(mut session) => {
                    let begun = session.begin(message).await;
                    return complete(session, begun, message).await;
                }
                // It may allow no more connections than are open.
                Err(error) if error.refused() && self.open.any() => self.open.freed().await,
                Err(error) => return (None, Err(error)),
            }
        }
    }

    /// `None`: a new connection is needed.
    async fn begin_on_idle(&self, message: &EncodedMessage) -> Option<(Session, Result<(), SessionError>)> {
        while let Some(mut session) = self.take_idle() {
            match timeout(REUSE_TIMEOUT.min(self.timeout / 3), session.begin(message)).await {
                Ok(Err(error)) if error.closes_connection() => {}
                // This connection may have reached a limit of the server: try a new one.
                Ok(Err(SessionError::Refused { .. })) => {
                    tokio::spawn(session.quit());
                    return None;
                }
                Ok(begun) => return Some((session, begun)),
                // No reply: the other idle connections are probably dead as well.
                Err(_) => self.idle().sessions.clear(),
            }
        }
        None
    }

    async fn connect(&self) -> Result<Session, SessionError> {
        let connected = timeout(self.timeout / 3, self.connector.connect(&self.open)).await;
        connected.unwrap_or_else(|_| Err(SessionError::silent_at_connect()))
    }

    fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle();
        idle.sessions
            .pop()
            .filter(|(_, since)| since.elapsed() < IDLE_MAX)
            .map(|(session, _)| session)
    }

    async fn recycle(self: &Arc<Self>, mut session: Session, accepted: bool) {
        if session.message_count >= MESSAGES_MAX {
            tokio::spawn(session.quit());
        } else if accepted || session.reset().await {
            self.store_idle(session);
        }
    }

    fn store_idle(self: &Arc<Self>, session: Session) {
        let mut idle = self.idle();
        if idle.closed {
            return;
        }
        idle.sessions.push((session, Instant::now()));
        self.open.notify_freed();
        if !std::mem::replace(&mut idle.closing_expired, true) {
            tokio::spawn(close_expired(Arc::downgrade(self)));
        }
    }

    fn timed_out(&self) -> SendError {
        self.state.record_timeout();
        let reason = format!(
            "the mail server did not answer within {} s",
            self.timeout.as_secs_f32().ceil()
        );
        SendError::Retry { reason }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn complete(
    mut session: Session,
    begun: Result<(), SessionError>,
    message: &EncodedMessage,
) -> (Option<Session>, Result<(), SessionError>) {
    let sent = match begun {
        Ok(()) => session.finish(message).await,
        Err(error) => Err(error),
    };
    let usable = sent.as_ref().err().is_none_or(|error| !error.closes_connection());
    (usable.then_some(session), sent)
}

/// Sends `QUIT` on connections that have been idle too long. Ends with the pool, or when no idle connection is left.
async fn close_expired(pool: Weak<Pool>) {
    let mut ticks = interval(IDLE_MAX / 2);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let (expired, last) = {
            let mut idle = pool.idle();
            let fresh = idle
                .sessions
                .iter()
                .position(|(_, since)| since.elapsed() < IDLE_MAX);
            let expired_count = fresh.unwrap_or(idle.sessions.len());
            let expired: Vec<_> = idle.sessions.drain(..expired_count).collect();
            idle.closing_expired = !idle.sessions.is_empty();
            (expired, !idle.closing_expired)
        };
        drop(pool);
        join_all(expired.into_iter().map(|(session, _)| session.quit())).await;
        if last {
            return;
        }
    }
}
