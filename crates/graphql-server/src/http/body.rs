//! A body is read up to a limit of real bytes, whatever `Content-Length` says, and within a time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{BoxStream, Stream};
use futures_util::{StreamExt, TryStreamExt, pin_mut};
use hyper::body::Bytes;
use poem::http::{HeaderMap, header};
use poem::{Body, Request};
use tokio::runtime::Handle;

/// How long the rest of a refused body is taken from a client that can't read its refusal before it has written all.
const LINGER: Duration = Duration::from_secs(5);

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

/// Lets the body of a request linger: what is not read of it is thrown away for a while, beside the answer. Closing at once
/// would reset the connection, and the client would see that and not the answer.
pub fn linger(request: &mut Request) {
    let body = request.take_body();
    // Who waits for `100 Continue` sends nothing after a refusal, and reading on would ask for it.
    if body.is_empty() || request.headers().contains_key(header::EXPECT) {
        request.set_body(body);
    } else {
        let chunks = Some(body.into_bytes_stream().boxed());
        request.set_body(Body::from_bytes_stream(Lingering(chunks)));
    }
}

/// `None` when it was read to its end.
struct Lingering(Option<BoxStream<'static, std::io::Result<Bytes>>>);

impl Stream for Lingering {
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

impl Drop for Lingering {
    fn drop(&mut self) {
        if let (Some(mut chunks), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            let rest = async move { while let Some(Ok(_)) = chunks.next().await {} };
            runtime.spawn(tokio::time::timeout(LINGER, rest));
        }
    }
}
