//! A server of traces on a local port: it keeps the bodies that it receives, which are OTLP as protobuf.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Default)]
struct Received {
    headers: String,
    bodies: Vec<u8>,
}

pub struct TraceReceiver {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    held: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl TraceReceiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (received, held) = (Arc::<Mutex<Received>>::default(), watch::Sender::new(false));
        let task = tokio::spawn(serve(listener, Arc::clone(&received), held.clone()));
        Self {
            address,
            received,
            held,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, requests get no answer.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    pub fn received(&self, text: &str) -> bool {
        self.received_bytes(text.as_bytes())
    }

    pub fn received_bytes(&self, bytes: &[u8]) -> bool {
        let received = self.lock();
        received.bodies.windows(bytes.len()).any(|window| window == bytes)
    }

    /// A header of the requests.
    pub fn header(&self, name: &str) -> Option<String> {
        let received = self.lock();
        let headers = received.headers.lines().filter_map(|line| line.split_once(": "));
        let mut named = headers.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().expect("a lock")
    }
}

impl Drop for TraceReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, received: Arc<Mutex<Received>>, held: watch::Sender<bool>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&received), held.subscribe()));
    }
}

/// Answers each request of a connection, unless answers are held back.
async fn answer(mut stream: TcpStream, received: Arc<Mutex<Received>>, mut held: watch::Receiver<bool>) {
    let mut bytes = Vec::new();
    loop {
        let Some((head, length)) = head_of(&bytes) else {
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        while bytes.len() < head.len() + length {
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        assert!(head.starts_with("POST /v1/traces "), "{head}");
        {
            let mut received = received.lock().expect("a lock");
            received.headers.push_str(&head);
            received
                .bodies
                .extend_from_slice(&bytes[head.len()..head.len() + length]);
        }
        bytes.drain(..head.len() + length);
        if held.wait_for(|held| !held).await.is_err() {
            return;
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// The head of the next request, and the length of its body.
fn head_of(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    Some((head, length?.trim().parse().ok()?))
}
