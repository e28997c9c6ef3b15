//! `graphql-transport-ws` as a state machine without I/O: events go in, actions come out.
//!
//! The rules are those of the protocol's specification (enisdenjo/graphql-ws, PROTOCOL.md). Where it leaves a choice: a
//! refused and an expired credential close with 4403, so that clients reconnect with a fresh one; an operation over the
//! limit is an `error` of that operation; an unresponsive peer is disconnected without a close.
//!
//! To add a rule: an [`Input`] for a new event, an arm in [`ProtocolMachine::handle`], a test in `protocol/tests.rs`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::error::{Code, Error};
use crate::http::result::ExecutionResult;
use crate::settings::WebSocketSettings;
use crate::websocket::message::{ClientMessage, ServerMessage, next};

/// An event.
#[derive(Debug)]
pub enum Input {
    Text(String),
    Binary,
    /// A ping or pong frame: the peer is alive.
    Alive,
    InitTimeout,
    Tick,
    Authenticated(Result<(), Error>),
    Result {
        id: String,
        result: ExecutionResult,
    },
    OperationEnded {
        id: String,
    },
    AuthenticationEnded,
    Stopping,
}

/// An action. Actions are executed in order.
#[derive(Debug)]
pub enum Output {
    Send(String),
    /// A ping frame of the WebSocket protocol, which every client answers.
    Ping,
    Authenticate(Map<String, Value>),
    Start {
        id: String,
        request: Box<async_graphql::Request>,
    },
    Stop {
        id: String,
    },
    Close {
        code: u16,
        reason: String,
    },
    /// Disconnect without a close: the peer is unresponsive.
    Disconnect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Connected,
    Authenticating,
    Acknowledged,
    Closed,
}

pub struct ProtocolMachine {
    phase: Phase,
    active: HashSet<String>,
    unanswered_pings: u32,
    settings: WebSocketSettings,
}

impl ProtocolMachine {
    pub fn new(settings: WebSocketSettings) -> Self {
        Self {
            phase: Phase::Connected,
            active: HashSet::new(),
            unanswered_pings: 0,
            settings,
        }
    }

    pub fn handle(&mut self, input: Input) -> Vec<Output> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        match input {
            Input::Text(text) => self.text(&text),
            Input::Binary => self.close(4400, "Binary messages are not part of this protocol"),
            Input::Alive => self.alive(),
            Input::InitTimeout if self.phase == Phase::Connected => {
                self.close(4408, "Connection initialisation timeout")
            }
            Input::InitTimeout => Vec::new(),
            Input::Tick => self.tick(),
            Input::Authenticated(Ok(())) => self.open(),
            Input::Authenticated(Err(error)) => self.refuse(&error),
            Input::Result { id, result } => self.result(id, &result),
            Input::OperationEnded { id } => self.operation_ended(&id),
            Input::AuthenticationEnded => self.close(4403, Code::SubscriptionExpired.as_str()),
            Input::Stopping => self.close(1012, "The server is restarting"),
        }
    }

    fn alive(&mut self) -> Vec<Output> {
        self.unanswered_pings = 0;
        Vec::new()
    }

    fn tick(&mut self) -> Vec<Output> {
        if self.unanswered_pings >= self.settings.max_unanswered_pings {
            self.phase = Phase::Closed;
            return vec![Output::Disconnect];
        }
        self.unanswered_pings += 1;
        vec![Output::Ping]
    }

    fn text(&mut self, text: &str) -> Vec<Output> {
        self.unanswered_pings = 0;
        if text.len() > self.settings.max_message {
            return self.close(1009, "The message is too big");
        }
        match ClientMessage::read(text) {
            Ok(ClientMessage::Init(payload)) => self.init(payload),
            Ok(ClientMessage::Ping(payload)) => vec![Output::Send(ServerMessage::Pong { payload }.text())],
            Ok(ClientMessage::Pong) => Vec::new(),
            Ok(ClientMessage::Subscribe { id, request }) => self.subscribe(id, request),
            Ok(ClientMessage::Complete { id }) if self.active.remove(&id) => vec![Output::Stop { id }],
            Ok(ClientMessage::Complete { .. }) => Vec::new(),
            Err(problem) => self.close(4400, &format!("Invalid message: {problem}")),
        }
    }

    fn init(&mut self, payload: Map<String, Value>) -> Vec<Output> {
        if self.phase != Phase::Connected {
            return self.close(4429, "Too many initialisation requests");
        }
        self.phase = Phase::Authenticating;
        vec![Output::Authenticate(payload)]
    }

    fn open(&mut self) -> Vec<Output> {
        self.phase = Phase::Acknowledged;
        vec![Output::Send(ServerMessage::ConnectionAck.text())]
    }

    fn refuse(&mut self, error: &Error) -> Vec<Output> {
        match error.code {
            Code::Unavailable | Code::RateLimited => self.close(1013, "Try again later"),
            Code::Internal => self.close(1011, "Something went wrong on our side"),
            _ => self.close(4403, "Forbidden"),
        }
    }

    fn subscribe(&mut self, id: String, request: Box<async_graphql::Request>) -> Vec<Output> {
        if self.phase != Phase::Acknowledged {
            return self.close(4401, "Unauthorized");
        }
        if self.active.contains(&id) {
            return self.close(4409, &format!("Subscriber for {id} already exists"));
        }
        if self.active.len() >= self.settings.max_streams {
            let max = self.settings.max_streams;
            let error = Error::rate_limited(format!("A socket runs at most {max} operations at a time."), 1);
            return vec![Output::Send(error_message(
                &id,
                &ExecutionResult::refused(&error),
            ))];
        }
        self.active.insert(id.clone());
        vec![Output::Start { id, request }]
    }

    fn result(&mut self, id: String, result: &ExecutionResult) -> Vec<Output> {
        if !self.active.contains(&id) {
            return Vec::new();
        }
        if result.never_ran() {
            self.active.remove(&id);
            let text = error_message(&id, result);
            return vec![Output::Send(text), Output::Stop { id }];
        }
        vec![Output::Send(next(&id, result))]
    }

    fn operation_ended(&mut self, id: &str) -> Vec<Output> {
        if self.active.remove(id) {
            return vec![Output::Send(ServerMessage::Complete { id }.text())];
        }
        Vec::new()
    }

    fn close(&mut self, code: u16, reason: &str) -> Vec<Output> {
        self.phase = Phase::Closed;
        self.active.clear();
        let reason = shorten(reason);
        vec![Output::Close { code, reason }]
    }
}

fn error_message(id: &str, result: &ExecutionResult) -> String {
    let payload = result.errors();
    ServerMessage::Error { id, payload }.text()
}

/// The reason of a close frame has at most 123 bytes.
fn shorten(reason: &str) -> String {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason[..end].to_owned()
}

#[cfg(test)]
mod endings;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
