//! Automatic persisted queries: a client sends the hash of a document instead of the document.

use async_graphql::{Request, Value};

use crate::error::{Error, Result};

/// The name of the extension.
pub const EXTENSION: &str = "persistedQuery";

/// The hash of the requested document.
pub fn requested_hash(request: &Request) -> Result<Option<[u8; 32]>> {
    let Some(extension) = request.extensions.get(EXTENSION) else {
        return Ok(None);
    };
    let field_path = |field: &str| format!("extensions.{EXTENSION}{field}");
    let Value::Object(extension) = extension else {
        return Err(Error::bad_input(
            field_path(""),
            "It must be an object with `version` and `sha256Hash`.",
        ));
    };
    if extension.get("version") != Some(&Value::from(1)) {
        return Err(Error::bad_input(field_path(".version"), "The version must be 1."));
    }
    let hash = match extension.get("sha256Hash") {
        Some(Value::String(text)) => from_hex(text),
        _ => None,
    };
    let message = "It must be the SHA-256 of the document, in 64 hexadecimal digits.";
    hash.map(Some)
        .ok_or_else(|| Error::bad_input(field_path(".sha256Hash"), message))
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    (text.len() == 64).then(|| bytes.try_into().ok())?
}
