//! Whether the mail server was up in the last session.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::session::SessionError;

/// The state of the mail server in the last session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// Whether the last session got as far as a message: connected, encrypted, authenticated. `None` before the first
    /// session.
    pub up: Option<bool>,
    /// When the last session ended.
    pub last_session_at: Option<DateTime<Utc>>,
    /// When the server last accepted a message.
    pub accepted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
pub(super) struct State(Mutex<ServerState>);

impl State {
    pub fn get(&self) -> ServerState {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn record_accepted(&self) {
        self.record(true, true);
    }

    /// A refusal of a message shows that the server is up.
    pub fn record_error(&self, error: &SessionError) {
        self.record(!error.before_message(), false);
    }

    pub fn record_timeout(&self) {
        self.record(false, false);
    }

    /// Connected and signed in, without a message.
    pub fn record_connected(&self) {
        self.record(true, false);
    }

    fn record(&self, up: bool, accepted: bool) {
        #[expect(
            clippy::disallowed_methods,
            reason = "only informs: nothing is decided by this time"
        )]
        let now = Utc::now();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.up = Some(up);
        state.last_session_at = Some(now);
        if accepted {
            state.accepted_at = Some(now);
        }
    }
}
