//! Twilio's API for messages on a local port: it accepts texts, and refuses them on demand. It also calls back, signed as Twilio's
//! documentation describes it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{RequestBuilder, Response};
use serde_json::json;
use sha1::Sha1;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::TestServer;

const TWILIO_ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "the-token-of-the-tests";
/// The public URL of a server that Twilio calls back. Requests of tests go to its port.
pub const PUBLIC_URL: &str = "https://portal.example";

/// A text as the provider received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedText {
    pub to: String,
    pub from: String,
    pub body: String,
    pub status_callback: Option<String>,
}

/// How the provider refuses a text.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: u32,
    /// In seconds.
    pub retry_after: Option<u64>,
}

impl Refusal {
    pub fn code(status: u16, code: u32) -> Self {
        Self {
            status,
            code,
            retry_after: None,
        }
    }
}

#[derive(Default)]
struct State {
    received: Vec<ReceivedText>,
    refusals: VecDeque<Refusal>,
    waiting: usize,
}

pub struct TestTwilio {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    hold: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl TestTwilio {
    pub async fn open() -> Self {
        Self::open_at("127.0.0.1:0".parse().expect("an address")).await
    }

    /// A port on which nothing listens.
    pub fn closed_address() -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    }

    pub async fn open_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (state, hold) = (Arc::<Mutex<State>>::default(), watch::Sender::new(false));
        let task = tokio::spawn(serve(listener, Arc::clone(&state), hold.clone()));
        Self {
            address,
            state,
            hold,
            task,
        }
    }

    /// The settings of a server that sends by the provider at this address.
    pub fn settings(address: SocketAddr) -> [(&'static str, String); 4] {
        [
            ("TWILIO_ACCOUNT_SID", TWILIO_ACCOUNT.to_owned()),
            ("TWILIO_AUTH_TOKEN", TOKEN.to_owned()),
            ("TWILIO_FROM", "+15005550006".to_owned()),
            ("TWILIO_BASE_URL", format!("http://{address}")),
        ]
    }

    /// A server that sends by the provider at this address. Its public URL is [`PUBLIC_URL`].
    pub async fn server(address: SocketAddr) -> TestServer {
        let settings = Self::settings(address);
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<(&str, &str)> = settings
            .chain(std::iter::once(("VESTIBULE_PUBLIC_URL", PUBLIC_URL)))
            .collect();
        TestServer::open_with(&settings, |_| mailer::Mailer::memory()).await
    }

    pub fn refuse_next(&self, refusal: Refusal) {
        self.state().refusals.push_back(refusal);
    }

    /// While it holds, requests get no answer.
    pub fn hold(&self, hold: bool) {
        self.hold.send_replace(hold);
    }

    /// Requests without an answer yet.
    pub fn waiting(&self) -> usize {
        self.state().waiting
    }

    pub fn received(&self) -> Vec<ReceivedText> {
        self.state().received.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the state")
    }
}

impl Drop for TestTwilio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, hold: watch::Sender<bool>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        tokio::spawn(answer(stream, Arc::clone(&state), hold.subscribe()));
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>, mut hold: watch::Receiver<bool>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    state.lock().expect("the state").waiting += 1;
    let released = hold.wait_for(|hold| !hold).await.is_ok();
    let (status, body) = {
        let mut state = state.lock().expect("the state");
        state.waiting -= 1;
        if !released {
            return;
        }
        reply(&mut state, &request)
    };
    let retry_after = body.1.map(|seconds| format!("retry-after: {seconds}\r\n"));
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
        body.0.len(),
        retry_after.unwrap_or_default()
    );
    // The client may be gone.
    let _gone = stream.write_all(format!("{head}{}", body.0).as_bytes()).await;
}

/// The status; the body, and how long to wait.
fn reply(state: &mut State, request: &str) -> (u16, (String, Option<u64>)) {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    if head.starts_with("GET ") {
        return (200, ("{}".to_owned(), None));
    }
    let path = format!("POST /2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json ");
    assert!(head.starts_with(&path), "{head}");
    if let Some(refusal) = state.refusals.pop_front() {
        let body = json!({"code": refusal.code, "message": "Refused by the test", "status": refusal.status});
        return (refusal.status, (body.to_string(), refusal.retry_after));
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone())
    };
    state.received.push(ReceivedText {
        to: field("To").expect("a recipient"),
        from: field("From").expect("a sender"),
        body: field("Body").expect("a text"),
        status_callback: field("StatusCallback"),
    });
    let sid = provider_id(state.received.len());
    let body = json!({"sid": sid, "num_segments": "1", "status": "queued"});
    (201, (body.to_string(), None))
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                let length = line.strip_prefix("content-length: ")?;
                length.parse::<usize>().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
}

/// An id as the provider makes them.
pub fn provider_id(number: usize) -> String {
    format!("SM{number:032x}")
}

/// A call of the provider.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Below the public URL.
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
    pub token: &'static str,
}

impl Callback {
    pub fn new(path: &str, fields: &[(&'static str, &str)]) -> Self {
        let account = ("AccountSid", TWILIO_ACCOUNT);
        let given = fields.iter().any(|(name, _)| *name == account.0);
        let all = fields.iter().copied().chain((!given).then_some(account));
        Self {
            path: path.to_owned(),
            fields: all.map(|(name, value)| (name, value.to_owned())).collect(),
            token: TOKEN,
        }
    }

    pub fn body(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish()
    }

    /// <https://www.twilio.com/docs/usage/security>: HMAC-SHA1 of the URL, followed by the names and values of the sorted fields.
    pub fn signature(&self) -> String {
        let mut fields = self.fields.clone();
        fields.sort();
        let fields = fields.iter().map(|(name, value)| format!("{name}{value}"));
        let text = format!("{PUBLIC_URL}{}{}", self.path, fields.collect::<String>());
        let mut mac = Hmac::<Sha1>::new_from_slice(self.token.as_bytes()).expect("a key");
        mac.update(text.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }

    pub fn request(&self, server: &TestServer) -> RequestBuilder {
        let request = server.http.post(format!("{}{}", server.url, self.path));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.body())
    }

    /// Sends it with its signature.
    pub async fn send(&self, server: &TestServer) -> Response {
        let request = self
            .request(server)
            .header("x-twilio-signature", self.signature());
        request.send().await.expect("an answer")
    }

    pub async fn status(&self, server: &TestServer) -> u16 {
        self.send(server).await.status().as_u16()
    }
}
