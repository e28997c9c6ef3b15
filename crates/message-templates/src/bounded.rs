//! A buffer that refuses to grow beyond a size.

use std::fmt;
use std::io;

/// Collects text of at most `capacity` bytes.
pub(crate) struct BoundedBuffer {
    bytes: Vec<u8>,
    capacity: usize,
    full: bool,
}

impl BoundedBuffer {
    pub fn new(capacity: usize) -> Self {
        Self {
            bytes: Vec::new(),
            capacity,
            full: false,
        }
    }

    /// Whether something was refused.
    pub fn full(&self) -> bool {
        self.full
    }

    /// What was written; none if something was refused.
    pub fn into_text(self) -> Option<String> {
        if self.full {
            return None;
        }
        String::from_utf8(self.bytes).ok()
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        self.full |= self.bytes.len() + bytes.len() > self.capacity;
        if !self.full {
            self.bytes.extend_from_slice(bytes);
        }
        !self.full
    }
}

impl io::Write for BoundedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.push(bytes) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::FileTooLarge.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for BoundedBuffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.push(text.as_bytes()) {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
