//! Prefixes the message of a database error with its code (SQLSTATE), as in `53100 could not extend file`: diesel-async passes on
//! the message only, and a server may write it in any language. [`SqlstateStream`] wraps the stream of a connection and adds the
//! code, [`parse`] reads it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The bytes of a message's type and length.
const HEADER_LEN: usize = 5;

/// Longer errors pass unchanged.
const MAX_ERROR_LEN: usize = 1 << 20;

const READ_LEN: usize = 8 << 10;

/// The code at the start of an error's message.
pub(crate) fn parse(message: &str) -> Option<&str> {
    let (code, _) = message.split_once(' ')?;
    let valid = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    (code.len() == 5 && code.bytes().all(valid)).then_some(code)
}

pub(crate) struct SqlstateStream<S> {
    stream: S,
    rewriter: MessageRewriter,
    /// How many ready bytes were read already.
    taken: usize,
}

impl<S> SqlstateStream<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            rewriter: MessageRewriter::default(),
            taken: 0,
        }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }
}

/// Splits the bytes of the server into messages and rewrites errors.
#[derive(Default)]
struct MessageRewriter {
    /// The start of a message, or an incomplete error.
    buffered: Vec<u8>,
    /// How many bytes of the current message still pass unchanged.
    passing: usize,
    ready: Vec<u8>,
}

impl MessageRewriter {
    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let needed = match self.passing {
                0 => self.missing_len(),
                passing => passing,
            };
            let (now, later) = bytes.split_at(needed.min(bytes.len()));
            bytes = later;
            if self.passing > 0 {
                self.passing -= now.len();
                self.ready.extend_from_slice(now);
                continue;
            }
            self.buffered.extend_from_slice(now);
            if let Some(length) = self.length() {
                if self.buffered[0] != b'E' || length > MAX_ERROR_LEN {
                    self.passing = length.saturating_sub(HEADER_LEN);
                    self.ready.append(&mut self.buffered);
                } else if self.buffered.len() >= length {
                    self.ready.extend(with_code(&self.buffered));
                    self.buffered.clear();
                }
            }
        }
    }

    /// The length of the buffered message, including its header.
    fn length(&self) -> Option<usize> {
        let length: [u8; 4] = self.buffered.get(1..HEADER_LEN)?.try_into().ok()?;
        Some(1 + u32::from_be_bytes(length) as usize)
    }

    fn missing_len(&self) -> usize {
        let needed = self.length().unwrap_or(HEADER_LEN);
        needed.saturating_sub(self.buffered.len()).max(1)
    }
}

/// The error with the code in front of its message; unchanged if it lacks one of them.
fn with_code(message: &[u8]) -> Vec<u8> {
    let mut fields = message[HEADER_LEN..].split(|byte| *byte == 0);
    let code = fields.find_map(|field| field.strip_prefix(b"C"));
    let at = message
        .windows(2)
        .skip(HEADER_LEN)
        .position(|pair| pair == [0, b'M'])
        .map(|before| HEADER_LEN + before + 2);
    let (Some(code), Some(at)) = (code, at) else {
        return message.to_vec();
    };
    let length = u32::try_from(message.len() - 1 + code.len() + 1).unwrap_or_default();
    [
        &message[..1],
        &length.to_be_bytes(),
        &message[HEADER_LEN..at],
        code,
        b" ",
        &message[at..],
    ]
    .concat()
}

impl<S: AsyncRead + Unpin> AsyncRead for SqlstateStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.rewriter.ready.is_empty() {
            let mut bytes = [0; READ_LEN];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.rewriter.push(read.filled());
        }
        let left = &this.rewriter.ready[this.taken..];
        let count = left.len().min(buf.remaining());
        buf.put_slice(&left[..count]);
        this.taken += count;
        if this.taken == this.rewriter.ready.len() {
            this.rewriter.ready.clear();
            this.taken = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SqlstateStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).expect("it fits").to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    const FULL: &[u8] = b"SFEHLER\0VERROR\0C53100\0MDas Ger\xc3\xa4t ist voll\0Fmd.c\0\0";
    const FULL_WITH_CODE: &[u8] = b"SFEHLER\0VERROR\0C53100\0M53100 Das Ger\xc3\xa4t ist voll\0Fmd.c\0\0";

    #[test]
    fn errors_get_their_code_and_other_messages_pass_in_chunks_of_any_size() {
        let rows = [message(b'D', b"\0E\0M"), message(b'Z', b"I")].concat();
        let sent = [&rows[..], &message(b'E', FULL), &rows].concat();
        let expected = [&rows[..], &message(b'E', FULL_WITH_CODE), &rows].concat();
        for size in 1..sent.len() {
            let mut rewriter = MessageRewriter::default();
            sent.chunks(size).for_each(|chunk| rewriter.push(chunk));
            assert_eq!(rewriter.ready, expected, "in chunks of {size}");
        }
    }

    #[test]
    fn malformed_errors_pass_unchanged() {
        for sent in [
            message(b'E', b"Mwords\0\0"),
            message(b'E', b""),
            b"E\0\0\0\0Z\0\0\0\x05I".to_vec(),
        ] {
            let mut rewriter = MessageRewriter::default();
            rewriter.push(&sent);
            assert_eq!(rewriter.ready, sent);
        }
    }

    #[test]
    fn a_message_without_a_code_has_none() {
        assert_eq!(parse("53100 Das Gerät ist voll"), Some("53100"));
        for message in ["", "53100", "could not extend file", "abcde fghij", "É3100 x"] {
            assert_eq!(parse(message), None, "{message}");
        }
    }
}
