//! A mail server that accepts everything and only counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub struct SmtpSink {
    pub url: String,
    received: Arc<AtomicUsize>,
}

impl SmtpSink {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let sink = Self {
            url: format!("smtp://127.0.0.1:{port}?tls=none"),
            received: Arc::default(),
        };
        let received = Arc::clone(&sink.received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&received)));
            }
        });
        sink
    }

    pub fn count(&self) -> usize {
        self.received.load(Ordering::Relaxed)
    }

    pub async fn reached(&self, count: usize) {
        while self.count() < count {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

async fn serve(stream: TcpStream, received: Arc<AtomicUsize>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader);
    writer.write_all(b"220 sink ESMTP\r\n").await.ok()?;
    let mut line = String::new();
    let mut data = false;
    loop {
        line.clear();
        if lines.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let answer: &[u8] = match (data, line.trim_end()) {
            (true, ".") => {
                data = false;
                received.fetch_add(1, Ordering::Relaxed);
                b"250 2.0.0 taken\r\n"
            }
            (true, _) => continue,
            (false, "DATA") => {
                data = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 2.0.0 bye\r\n",
            (false, hello) if hello.starts_with("EHLO") => b"250-sink\r\n250 8BITMIME\r\n",
            (false, _) => b"250 2.0.0 ok\r\n",
        };
        writer.write_all(answer).await.ok()?;
    }
}
