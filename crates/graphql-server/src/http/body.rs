//! Reads bodies within a limit of bytes, whatever `Content-Length` says, and within a time limit.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{BoxStream, Stream};
use futures_util::{StreamExt, TryStreamExt, pin_mut};
use hyper::body::Bytes;
use poem::http::{HeaderMap, header};
use poem::{Body, Request};
use tokio::runtime::Handle;

/// How long the rest of a refused body is read, for clients that read the response only after they have written everything.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    TooLarge,
    TooSlow,
    /// The client disconnected, or the body is malformed.
    Incomplete,
}

/// Whether `Content-Length` is over the limit.
pub fn content_length_exceeds(headers: &HeaderMap, limit: u64) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .is_some_and(|length| length > limit)
}

/// Reads the whole body, of at most `limit` bytes.
pub async fn read(body: Body, limit: usize, wait: Duration) -> Result<Vec<u8>, BodyError> {
    let read = async {
        let chunks = body.into_bytes_stream().map_err(|_| BodyError::Incomplete);
        pin_mut!(chunks);
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await.transpose()? {
            if bytes.len() + chunk.len() > limit {
                return Err(BodyError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(wait, read)
        .await
        .unwrap_or(Err(BodyError::TooSlow))
}

/// Reads and discards the rest of the body after the request was dropped, for a limited time. Otherwise the connection would
/// be reset, and the client would see that instead of the response.
pub fn drain_on_drop(request: &mut Request) {
    let body = request.take_body();
    // A client that waits for `100 Continue` sends nothing after a refusal, and reading would request the body.
    if body.is_empty() || request.headers().contains_key(header::EXPECT) {
        request.set_body(body);
    } else {
        let chunks = Some(body.into_bytes_stream().boxed());
        request.set_body(Body::from_bytes_stream(DrainOnDrop(chunks)));
    }
}

/// `None` once it was read to its end.
struct DrainOnDrop(Option<BoxStream<'static, std::io::Result<Bytes>>>);

impl Stream for DrainOnDrop {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(chunks) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let next = chunks.poll_next_unpin(cx);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        next
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        if let (Some(mut chunks), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            let rest = async move { while let Some(Ok(_)) = chunks.next().await {} };
            runtime.spawn(tokio::time::timeout(DRAIN_TIMEOUT, rest));
        }
    }
}
