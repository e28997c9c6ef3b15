//! A body is read up to a limit of real bytes, whatever `Content-Length` says, and within a time.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, pin_mut};
use poem::Body;
use poem::http::{HeaderMap, header};

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    TooLarge,
    TooSlow,
    /// The client went away in the middle, or sent what is no body.
    Broken,
}

/// Whether the length that the client names is over the limit.
pub fn announced_over(headers: &HeaderMap, limit: u64) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .is_some_and(|length| length > limit)
}

/// The whole body, of at most `limit` bytes.
pub async fn read(body: Body, limit: usize, wait: Duration) -> Result<Vec<u8>, BodyFault> {
    let read = async {
        let chunks = body.into_bytes_stream().map_err(|_| BodyFault::Broken);
        pin_mut!(chunks);
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await.transpose()? {
            if bytes.len() + chunk.len() > limit {
                return Err(BodyFault::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(wait, read)
        .await
        .unwrap_or(Err(BodyFault::TooSlow))
}
