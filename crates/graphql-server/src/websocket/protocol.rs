//! `graphql-transport-ws` as a state machine with no I/O: what happened goes in, what to do comes out.
//!
//! The rules are those of the protocol's specification (enisdenjo/graphql-ws, PROTOCOL.md). Where it leaves a choice:
//! a refused credential closes with 4403 and an expired one too, so that clients come back with a fresh one; an operation
//! too many is an `error` of that operation; a peer without any sign of life is dropped without a close.
//!
//! A new rule: an [`Input`] if something new can happen, an arm in [`Machine::on`], a test in `protocol/tests.rs`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::error::{Code, Error};
use crate::http::answer::Answer;
use crate::settings::WebSocketSettings;
use crate::websocket::message::{ClientMessage, ServerMessage, next};

/// What happened.
#[derive(Debug)]
pub enum Input {
    Text(String),
    Binary,
    /// A ping or pong frame: the peer lives.
    Heard,
    InitDue,
    Tick,
    Authenticated(Result<(), Error>),
    Item {
        id: String,
        answer: Answer,
    },
    Ended {
        id: String,
    },
    AuthenticationEnded,
    Stopping,
}

/// What to do, in this order.
#[derive(Debug)]
pub enum Output {
    Send(String),
    /// A ping frame of WebSocket itself, which every client answers.
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
    /// The peer is gone: a close would not be read.
    Abandon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Connected,
    Authenticating,
    Open,
    Closed,
}

pub struct Machine {
    phase: Phase,
    live: HashSet<String>,
    pings_unheard: u32,
    settings: WebSocketSettings,
}

impl Machine {
    pub fn new(settings: WebSocketSettings) -> Self {
        Self {
            phase: Phase::Connected,
            live: HashSet::new(),
            pings_unheard: 0,
            settings,
        }
    }

    pub fn on(&mut self, input: Input) -> Vec<Output> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        match input {
            Input::Text(text) => self.text(&text),
            Input::Binary => self.close(4400, "Binary messages are not part of this protocol"),
            Input::Heard => self.heard(),
            Input::InitDue if self.phase == Phase::Connected => {
                self.close(4408, "Connection initialisation timeout")
            }
            Input::InitDue => Vec::new(),
            Input::Tick => self.tick(),
            Input::Authenticated(Ok(())) => self.open(),
            Input::Authenticated(Err(error)) => self.refuse(&error),
            Input::Item { id, answer } => self.item(id, &answer),
            Input::Ended { id } => self.ended(&id),
            Input::AuthenticationEnded => self.close(4403, Code::SubscriptionExpired.as_str()),
            Input::Stopping => self.close(1001, "The server is going away"),
        }
    }

    fn heard(&mut self) -> Vec<Output> {
        self.pings_unheard = 0;
        Vec::new()
    }

    fn tick(&mut self) -> Vec<Output> {
        if self.pings_unheard >= self.settings.silent_pings {
            self.phase = Phase::Closed;
            return vec![Output::Abandon];
        }
        self.pings_unheard += 1;
        vec![Output::Ping]
    }

    fn text(&mut self, text: &str) -> Vec<Output> {
        self.pings_unheard = 0;
        if text.len() > self.settings.max_message {
            return self.close(1009, "The message is too big");
        }
        match ClientMessage::read(text) {
            Ok(ClientMessage::Init(payload)) => self.init(payload),
            Ok(ClientMessage::Ping(payload)) => vec![Output::Send(ServerMessage::Pong { payload }.text())],
            Ok(ClientMessage::Pong) => Vec::new(),
            Ok(ClientMessage::Subscribe { id, request }) => self.subscribe(id, request),
            Ok(ClientMessage::Complete { id }) if self.live.remove(&id) => vec![Output::Stop { id }],
            Ok(ClientMessage::Complete { .. }) => Vec::new(),
            Err(fault) => self.close(4400, &format!("Invalid message: {fault}")),
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
        self.phase = Phase::Open;
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
        if self.phase != Phase::Open {
            return self.close(4401, "Unauthorized");
        }
        if self.live.contains(&id) {
            return self.close(4409, &format!("Subscriber for {id} already exists"));
        }
        if self.live.len() >= self.settings.max_streams {
            let most = self.settings.max_streams;
            let error = Error::rate_limited(format!("A socket runs at most {most} operations at a time."), 1);
            return vec![Output::Send(error_message(&id, &Answer::refused(&error)))];
        }
        self.live.insert(id.clone());
        vec![Output::Start { id, request }]
    }

    fn item(&mut self, id: String, answer: &Answer) -> Vec<Output> {
        if !self.live.contains(&id) {
            return Vec::new();
        }
        if answer.never_ran() {
            self.live.remove(&id);
            let text = error_message(&id, answer);
            return vec![Output::Send(text), Output::Stop { id }];
        }
        vec![Output::Send(next(&id, answer))]
    }

    fn ended(&mut self, id: &str) -> Vec<Output> {
        if self.live.remove(id) {
            return vec![Output::Send(ServerMessage::Complete { id }.text())];
        }
        Vec::new()
    }

    fn close(&mut self, code: u16, reason: &str) -> Vec<Output> {
        self.phase = Phase::Closed;
        self.live.clear();
        let reason = shortened(reason);
        vec![Output::Close { code, reason }]
    }
}

fn error_message(id: &str, answer: &Answer) -> String {
    let payload = answer.errors();
    ServerMessage::Error { id, payload }.text()
}

/// A close frame has limit for 123 bytes of reason.
fn shortened(reason: &str) -> String {
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
