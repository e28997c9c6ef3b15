//! The sub-protocols that a handshake offers.

use poem::http::{HeaderMap, StatusCode, header};

use super::message::PROTOCOL;
use crate::error::Error;
use crate::http::result::HttpError;

/// The sub-protocols that a client offers.
pub(super) enum OfferedProtocols {
    /// None: the socket is closed with a reason.
    None,
    Supported,
    /// Only protocols that are not supported.
    Unsupported,
}

pub(super) fn offered_protocols(headers: &HeaderMap) -> OfferedProtocols {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut names = lines
        .iter()
        .flat_map(|line| line.to_str().unwrap_or_default().split(','));
    match (lines.iter().next(), names.any(|name| name.trim() == PROTOCOL)) {
        (None, _) => OfferedProtocols::None,
        (Some(_), true) => OfferedProtocols::Supported,
        (Some(_), false) => OfferedProtocols::Unsupported,
    }
}

pub(super) fn unknown_protocol() -> HttpError {
    let message = format!("The sub-protocol of this socket is {PROTOCOL}.");
    HttpError::new(
        StatusCode::BAD_REQUEST,
        Error::bad_input("Sec-WebSocket-Protocol", message),
    )
}
