//! Whether the mail server takes messages, as its last answers showed it.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::session::Failure;
use crate::clock::Clock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// Whether the last conversation got as far as a message: reached, encrypted, signed in. None: there was none yet.
    pub up: Option<bool>,
    /// The end of the last conversation.
    pub heard_at: Option<DateTime<Utc>>,
    /// When it last took a message.
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

    /// A refusal of a message says that the server is there.
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
        let now = Clock::System.now();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.up = Some(up);
        state.heard_at = Some(now);
        if accepted {
            state.accepted_at = Some(now);
        }
    }
}
