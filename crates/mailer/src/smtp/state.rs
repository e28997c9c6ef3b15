//! Whether the mail server accepts messages, as its last replies showed.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::session::Failure;

/// The state of the mail server, as the last session showed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// Whether the last session was ready for a message: connected, encrypted, signed in. None before the first session.
    pub up: Option<bool>,
    /// The end of the last session.
    pub heard_at: Option<DateTime<Utc>>,
    /// When it last accepted a message.
    pub accepted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
pub(super) struct State(Mutex<ServerState>);

impl State {
    pub fn get(&self) -> ServerState {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn accepted(&self) {
        self.note(true, true);
    }

    /// A refusal of a message shows that the server is up.
    pub fn failed(&self, failure: &Failure) {
        self.note(!failure.before_a_message(), false);
    }

    pub fn silent(&self) {
        self.note(false, false);
    }

    /// Connected and signed in, without a message.
    pub fn checked(&self) {
        self.note(true, false);
    }

    fn note(&self, up: bool, accepted: bool) {
        #[expect(
            clippy::disallowed_methods,
            reason = "says when the server was heard, and decides nothing"
        )]
        let now = Utc::now();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.up = Some(up);
        state.heard_at = Some(now);
        if accepted {
            state.accepted_at = Some(now);
        }
    }
}
