//! The code of an error (SQLSTATE) in front of its words, as in `53100 could not extend file`: diesel-async hands on the words
//! alone, and a server may write them in any language. [`Coded`] is the stream of a connection that adds the code, [`of`] reads it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Of a message's type and its length.
const HEADER: usize = 5;

/// Longer errors pass as they are.
const LONGEST: usize = 1 << 20;

const READ: usize = 8 << 10;

/// The code in front of the words.
pub(crate) fn of(words: &str) -> Option<&str> {
    let (code, _) = words.split_once(' ')?;
    let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    (code.len() == 5 && code.bytes().all(fits)).then_some(code)
}

pub(crate) struct Coded<S> {
    stream: S,
    messages: Messages,
    /// How much of what is ready was handed on.
    taken: usize,
}

impl<S> Coded<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            messages: Messages::default(),
            taken: 0,
        }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }
}

/// Messages of the server, followed byte by byte.
#[derive(Default)]
struct Messages {
    /// The beginning of a message, or an error that is not complete.
    held: Vec<u8>,
    /// How many bytes of the message at hand pass as they are.
    passing: usize,
    ready: Vec<u8>,
}

impl Messages {
    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = match self.passing {
                0 => self.missing(),
                passing => passing,
            };
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            bytes = later;
            if self.passing > 0 {
                self.passing -= now.len();
                self.ready.extend_from_slice(now);
                continue;
            }
            self.held.extend_from_slice(now);
            if let Some(length) = self.length() {
                if self.held[0] != b'E' || length > LONGEST {
                    self.passing = length.saturating_sub(HEADER);
                    self.ready.append(&mut self.held);
                } else if self.held.len() >= length {
                    self.ready.extend(coded(&self.held));
                    self.held.clear();
                }
            }
        }
    }

    /// Of the message whose beginning is held, its header included.
    fn length(&self) -> Option<usize> {
        let length: [u8; 4] = self.held.get(1..HEADER)?.try_into().ok()?;
        Some(1 + u32::from_be_bytes(length) as usize)
    }

    fn missing(&self) -> usize {
        let wanted = self.length().unwrap_or(HEADER);
        wanted.saturating_sub(self.held.len()).max(1)
    }
}

/// An error's message with the code in its words; as it is, where one of them is missing.
fn coded(message: &[u8]) -> Vec<u8> {
    let mut fields = message[HEADER..].split(|byte| *byte == 0);
    let code = fields.find_map(|field| field.strip_prefix(b"C"));
    let at = message
        .windows(2)
        .skip(HEADER)
        .position(|pair| pair == [0, b'M'])
        .map(|before| HEADER + before + 2);
    let (Some(code), Some(at)) = (code, at) else {
        return message.to_vec();
    };
    let length = u32::try_from(message.len() - 1 + code.len() + 1).unwrap_or_default();
    [
        &message[..1],
        &length.to_be_bytes(),
        &message[HEADER..at],
        code,
        b" ",
        &message[at..],
    ]
    .concat()
}

impl<S: AsyncRead + Unpin> AsyncRead for Coded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.messages.ready.is_empty() {
            let mut bytes = [0; READ];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.messages.read(read.filled());
        }
        let left = &this.messages.ready[this.taken..];
        let count = left.len().min(buf.remaining());
        buf.put_slice(&left[..count]);
        this.taken += count;
        if this.taken == this.messages.ready.len() {
            this.messages.ready.clear();
            this.taken = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Coded<S> {
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
    const FULL_CODED: &[u8] = b"SFEHLER\0VERROR\0C53100\0M53100 Das Ger\xc3\xa4t ist voll\0Fmd.c\0\0";

    #[test]
    fn an_error_gets_its_code_and_all_else_passes_however_it_is_cut() {
        let rows = [message(b'D', b"\0E\0M"), message(b'Z', b"I")].concat();
        let sent = [&rows[..], &message(b'E', FULL), &rows].concat();
        let expected = [&rows[..], &message(b'E', FULL_CODED), &rows].concat();
        for size in 1..sent.len() {
            let mut messages = Messages::default();
            sent.chunks(size).for_each(|chunk| messages.read(chunk));
            assert_eq!(messages.ready, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_proper_error_passes_as_it_is() {
        for sent in [
            message(b'E', b"Mwords\0\0"),
            message(b'E', b""),
            b"E\0\0\0\0Z\0\0\0\x05I".to_vec(),
        ] {
            let mut messages = Messages::default();
            messages.read(&sent);
            assert_eq!(messages.ready, sent);
        }
    }

    #[test]
    fn a_code_is_read_only_where_there_is_one() {
        assert_eq!(of("53100 Das Gerät ist voll"), Some("53100"));
        for words in ["", "53100", "could not extend file", "abcde fghij", "É3100 x"] {
            assert_eq!(of(words), None, "{words}");
        }
    }
}
