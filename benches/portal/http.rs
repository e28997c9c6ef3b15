//! A minimal HTTP client with kept-alive connections, so that the load generator costs little compared to the server. Like `wrk`
//! and unlike a pipelining client, a connection sends its next request when the response has arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wrk;

/// A request, serialized.
#[derive(Clone)]
pub struct Load {
    request: Arc<[u8]>,
    wrk_script: Arc<str>,
}

impl Load {
    pub fn query(token: &str, query: &str) -> Self {
        Self::new(Some(token), &json!({ "query": query }))
    }

    pub fn anonymous(query: &str) -> Self {
        Self::new(None, &json!({ "query": query }))
    }

    pub fn with(query: &str, variables: &Value) -> Self {
        Self::new(None, &json!({ "query": query, "variables": variables }))
    }

    fn new(token: Option<&str>, body: &Value) -> Self {
        let body = body.to_string();
        let mut request =
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".to_owned();
        let mut wrk_script =
            "wrk.method = \"POST\"\nwrk.headers[\"content-type\"] = \"application/json\"\n".to_owned();
        if let Some(token) = token {
            request += &format!("authorization: Bearer {token}\r\n");
            wrk_script += &format!("wrk.headers[\"authorization\"] = \"Bearer {token}\"\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        wrk_script += &format!("wrk.body = [==[{body}]==]\n");
        Self {
            request: request.into_bytes().into(),
            wrk_script: wrk_script.into(),
        }
    }

    /// The same request for `wrk -s`.
    pub fn wrk_script(&self) -> &str {
        &self.wrk_script
    }
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            buffer: Vec::with_capacity(64 << 10),
        }
    }

    /// Sends a request, and returns the body of its response.
    pub async fn request(&mut self, load: &Load) -> &str {
        self.stream.write_all(&load.request).await.expect("it is sent");
        self.buffer.clear();
        loop {
            let count = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
            assert!(count > 0, "the server closed the connection");
            if let Some((head, body)) = split(&self.buffer) {
                let head = std::str::from_utf8(head).expect("text");
                let length = length(head);
                if body.len() >= length {
                    let start = self.buffer.len() - body.len();
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    return std::str::from_utf8(&self.buffer[start..start + length]).expect("text");
                }
            }
        }
    }
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((&bytes[..end], &bytes[end + 4..]))
}

fn length(head: &str) -> usize {
    let line = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-length:"));
    line.and_then(|line| line[15..].trim().parse().ok())
        .expect("a content-length")
}

/// Requests per second.
pub async fn load(port: u16, load: &Load, connections: usize, time: Duration) -> f64 {
    if wrk::requested() {
        return wrk::load(port, load, connections, time).await;
    }
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (load, stop, done) = (load.clone(), Arc::clone(&stop), Arc::clone(&done));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(port).await;
            while !stop.load(Ordering::Relaxed) {
                let answer = connection.request(&load).await;
                assert!(!answer.contains("\"errors\""), "{answer}");
                done.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let started_at = Instant::now();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let rate = done.load(Ordering::Relaxed) as f64 / started_at.elapsed().as_secs_f64();
    for task in tasks {
        task.await.expect("a connection that went well");
    }
    rate
}

/// Sends each request once. Returns how many responses contain `words`.
pub async fn each(port: u16, loads: Vec<Load>, connections: usize, words: &'static str) -> usize {
    let (loads, next, good) = (
        Arc::new(loads),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (loads, next, good) = (Arc::clone(&loads), Arc::clone(&next), Arc::clone(&good));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(port).await;
            while let Some(load) = loads.get(next.fetch_add(1, Ordering::Relaxed)) {
                if connection.request(load).await.contains(words) {
                    good.fetch_add(1, Ordering::Relaxed);
                }
            }
        }));
    }
    for task in tasks {
        task.await.expect("a connection that went well");
    }
    good.load(Ordering::Relaxed)
}
