//! Which sub-protocol a handshake asks for.

use poem::http::{HeaderMap, StatusCode, header};

use super::message::PROTOCOL;
use crate::error::Error;
use crate::http::answer::Refusal;

/// The sub-protocols that a client offers.
pub(super) enum Offer {
    /// It names none: a close tells it which one it needs.
    Nothing,
    Ours,
    /// Only protocols that are not supported.
    Others,
}

pub(super) fn offer(headers: &HeaderMap) -> Offer {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut names = lines
        .iter()
        .flat_map(|line| line.to_str().unwrap_or_default().split(','));
    match (lines.iter().next(), names.any(|name| name.trim() == PROTOCOL)) {
        (None, _) => Offer::Nothing,
        (Some(_), true) => Offer::Ours,
        (Some(_), false) => Offer::Others,
    }
}

pub(super) fn unknown_protocol() -> Refusal {
    let words = format!("The sub-protocol of this socket is {PROTOCOL}.");
    Refusal::new(
        StatusCode::BAD_REQUEST,
        Error::bad_input("Sec-WebSocket-Protocol", words),
    )
}
