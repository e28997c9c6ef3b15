//! The messages of `graphql-transport-ws`, of clients and of the server.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::params::Params;
use crate::http::result::ExecutionResult;

/// The name of the sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// The maximum length of an operation's id.
const ID_BYTES: usize = 256;

/// A message of a client.
#[derive(Debug)]
pub enum ClientMessage {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe {
        id: String,
        request: Box<async_graphql::Request>,
    },
    Complete {
        id: String,
    },
}

impl ClientMessage {
    /// Parses a message. The error is the reason of the close frame.
    pub fn read(text: &str) -> Result<Self, String> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("Not a JSON object".to_owned());
        };
        let payload = message.remove("payload");
        match message.get("type").and_then(Value::as_str) {
            Some("connection_init") => Ok(Self::Init(optional_object(payload)?.unwrap_or_default())),
            Some("ping") => Ok(Self::Ping(optional_object(payload)?.map(Value::Object))),
            Some("pong") => optional_object(payload).map(|_| Self::Pong),
            Some("complete") => Ok(Self::Complete { id: id(&message)? }),
            Some("subscribe") => {
                let id = id(&message)?;
                let payload = payload.filter(Value::is_object).ok_or("The payload is missing")?;
                let params = Params::from_value(payload);
                let request = params
                    .and_then(Params::into_request)
                    .map_err(|error| error.message().to_owned())?;
                Ok(Self::Subscribe {
                    id,
                    request: Box::new(request),
                })
            }
            Some(_) => Err("Unknown type of message".to_owned()),
            None => Err("The type is missing".to_owned()),
        }
    }
}

fn id(message: &Map<String, Value>) -> Result<String, String> {
    match message.get("id").and_then(Value::as_str) {
        Some(id) if !id.is_empty() && id.len() <= ID_BYTES => Ok(id.to_owned()),
        Some(_) => Err("The id must have 1 to 256 bytes".to_owned()),
        None => Err("The id is missing".to_owned()),
    }
}

fn optional_object(payload: Option<Value>) -> Result<Option<Map<String, Value>>, String> {
    match payload {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err("The payload must be an object".to_owned()),
    }
}

/// A message of the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Error {
        id: &'a str,
        payload: &'a [async_graphql::ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// A `next` message. The result is serialised once for all its readers.
pub fn next(id: &str, result: &ExecutionResult) -> String {
    let id = Value::from(id);
    format!("{{\"type\":\"next\",\"id\":{id},\"payload\":{}}}", result.json())
}

impl ServerMessage<'_> {
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
