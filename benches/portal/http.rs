//! A minimal HTTP client with kept-alive connections, so that the load generator costs little compared to the server. Like `wrk`
//! and unlike a pipelining client, a connection sends its next request when the response has arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
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

    /// A document with a file, its variable `csv`.
    pub fn upload(token: &str, document: &str, csv: &str) -> Self {
        let operations = json!({ "query": document, "variables": { "csv": null } });
        let part = |disposition: &str, content: &str| {
            format!("--part\r\ncontent-disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
        };
        let body = [
            part("name=\"operations\"", &operations.to_string()),
            part("name=\"map\"", r#"{"0": ["variables.csv"]}"#),
            part("name=\"0\"; filename=\"contacts.csv\"", csv),
            "--part--\r\n".to_owned(),
        ]
        .concat();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=part\r\n\
             apollo-require-preflight: 1\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self {
            request: request.into_bytes().into(),
            wrk_script: "".into(),
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
        let (status, body) = self.exchange(load).await;
        assert_eq!(status, "HTTP/1.1 200", "{body}");
        body
    }

    /// Sends a request, and returns the start of the status line and the body of its response.
    pub async fn exchange(&mut self, load: &Load) -> (&str, &str) {
        self.stream.write_all(&load.request).await.expect("it is sent");
        self.buffer.clear();
        loop {
            let count = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
            assert!(count > 0, "the server closed the connection");
            if let Some((head, body)) = split(&self.buffer) {
                let length = length(std::str::from_utf8(head).expect("text"));
                if body.len() >= length {
                    let start = self.buffer.len() - body.len();
                    let text = |range| std::str::from_utf8(&self.buffer[range]).expect("text");
                    return (text(0.."HTTP/1.1 200".len()), text(start..start + length));
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

/// Sends each request once. Returns the seconds that each took, in ascending order.
pub async fn seconds_of_each(port: u16, loads: &[Load], connections: usize) -> Vec<f64> {
    let next = AtomicUsize::new(0);
    let workers = (0..connections).map(async |_| {
        let mut connection = Connection::open(port).await;
        let mut seconds = Vec::new();
        while let Some(load) = loads.get(next.fetch_add(1, Ordering::Relaxed)) {
            let started_at = Instant::now();
            let response = connection.request(load).await;
            assert!(!response.contains("\"errors\""), "{response}");
            seconds.push(started_at.elapsed().as_secs_f64());
        }
        seconds
    });
    let mut seconds = join_all(workers).await.concat();
    seconds.sort_by(f64::total_cmp);
    seconds
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
