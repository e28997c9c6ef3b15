//! `COPY … FROM STDIN` in PostgreSQL's binary format.

use std::io::Cursor;
use std::pin::Pin;

use futures_util::SinkExt;
use tokio_postgres::{Client, CopyInSink};
use uuid::Uuid;

/// Microseconds from 1970 to 2000, where PostgreSQL's times begin.
const EPOCH: i64 = 946_684_800_000_000;
const TEXT_OID: i32 = 25;
const BUFFER_BYTES: usize = 256 << 10;

/// Rows on their way into a table.
pub struct Copy {
    sink: Pin<Box<CopyInSink<Cursor<Vec<u8>>>>>,
    buffer: Vec<u8>,
    column_count: i16,
}

impl Copy {
    /// `columns` are separated by commas.
    pub async fn into(client: &Client, table: &str, columns: &str) -> Self {
        let statement = format!("copy {table} ({columns}) from stdin (format binary)");
        let sink = client.copy_in(&statement).await.expect("a copy");
        let mut buffer = b"PGCOPY\n\xff\r\n\0".to_vec();
        buffer.extend([0; 8]);
        Self {
            sink: Box::pin(sink),
            buffer,
            column_count: i16::try_from(columns.split(',').count()).expect("few columns"),
        }
    }

    /// Begins a row: its fields follow.
    pub async fn row(&mut self) -> &mut Self {
        if self.buffer.len() > BUFFER_BYTES {
            self.flush().await;
        }
        self.buffer.extend(self.column_count.to_be_bytes());
        self
    }

    pub fn null(&mut self) -> &mut Self {
        self.buffer.extend((-1_i32).to_be_bytes());
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len());
        self.buffer.extend_from_slice(bytes);
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub fn uuid(&mut self, id: Uuid) -> &mut Self {
        self.bytes(id.as_bytes())
    }

    pub fn smallint(&mut self, number: i16) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Microseconds since 1970.
    pub fn time(&mut self, micros: i64) -> &mut Self {
        self.bytes(&(micros - EPOCH).to_be_bytes())
    }

    pub fn time_or_null(&mut self, micros: Option<i64>) -> &mut Self {
        match micros {
            Some(micros) => self.time(micros),
            None => self.null(),
        }
    }

    pub fn texts(&mut self, texts: &[&str]) -> &mut Self {
        let dimensions = i32::from(!texts.is_empty());
        let each: usize = texts.iter().map(|text| 4 + text.len()).sum();
        self.length(12 + if texts.is_empty() { 0 } else { 8 + each });
        for number in [dimensions, 0, TEXT_OID] {
            self.buffer.extend(number.to_be_bytes());
        }
        if !texts.is_empty() {
            self.length(texts.len());
            self.length(1);
        }
        for text in texts {
            self.text(text);
        }
        self
    }

    fn length(&mut self, length: usize) {
        let length = i32::try_from(length).expect("a short field");
        self.buffer.extend(length.to_be_bytes());
    }

    async fn flush(&mut self) {
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER_BYTES + 4_096));
        self.sink.send(Cursor::new(full)).await.expect("rows are taken");
    }

    pub async fn finish(mut self) {
        self.buffer.extend((-1_i16).to_be_bytes());
        self.flush().await;
        self.sink.as_mut().finish().await.expect("the rows are copied");
    }
}
