//! Sends over SMTP (RFC 5321) and reuses connections.
//!
//! lettre's `tracing` feature must stay off: it logs credentials and whole messages.

mod open_sessions;
mod pool;
mod session;
mod state;
mod url;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::state::ServerState;
pub use self::url::{SmtpUrl, SmtpUrlError};

use self::pool::Pool;
use self::session::Connector;
use super::mime::EncodedMessage;
use super::{SendError, SetupError};

/// A mail server and its connections.
#[derive(Clone)]
pub struct Smtp {
    pool: Arc<Pool>,
    url: SmtpUrl,
}

impl Smtp {
    pub(super) fn new(url: &SmtpUrl, timeout: Duration) -> Result<Self, SetupError> {
        if timeout.is_zero() {
            return Err(SetupError::ZeroTimeout);
        }
        let connector = Connector::new(url, timeout)?;
        Ok(Self {
            pool: Pool::new(connector, url.connections, timeout),
            url: url.clone(),
        })
    }

    pub(super) async fn send(&self, message: EncodedMessage) -> Result<(), SendError> {
        self.pool.send(&message).await
    }

    pub(super) fn connections(&self) -> usize {
        usize::from(self.url.connections)
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        self.pool.check().await
    }

    pub(super) fn state(&self) -> ServerState {
        self.pool.state.get()
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.url).finish()
    }
}

#[cfg(test)]
mod connection_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;
