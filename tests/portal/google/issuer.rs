//! A minimal OpenID provider that the test controls.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How it responds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Fine,
    /// Closes the connection.
    Down,
    /// Returns 500 once the test releases it.
    Held,
}

#[derive(Clone)]
pub enum Key {
    Ed(&'static str, Box<ed25519_dalek::SigningKey>),
    Ec(&'static str, Box<p256::ecdsa::SigningKey>),
}

pub struct State {
    pub behaviour: Behaviour,
    pub keys: Vec<Key>,
    /// Requests for the discovery document and the keys.
    pub cache_control: String,
    /// How often its keys or its discovery document were requested.
    pub asked: usize,
    /// The token response of a code: status and body.
    pub codes: HashMap<String, (u16, Value)>,
}

pub struct Issuer {
    pub url: String,
    state: Arc<Mutex<State>>,
    count: AtomicU64,
    go: watch::Sender<bool>,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    pub fn ed(kid: &'static str, seed: u8) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        Self::Ed(kid, Box::new(key))
    }

    pub fn ec(kid: &'static str, seed: u8) -> Self {
        let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).expect("a key");
        Self::Ec(kid, Box::new(key))
    }

    pub fn sign(&self, claims: &Value) -> String {
        let (alg, kid) = match self {
            Self::Ed(kid, _) => ("EdDSA", kid),
            Self::Ec(kid, _) => ("ES256", kid),
        };
        let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
        let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = match self {
            Self::Ed(_, key) => encoded(key.sign(signed.as_bytes()).to_bytes()),
            Self::Ec(_, key) => {
                let signature: p256::ecdsa::Signature = key.sign(signed.as_bytes());
                encoded(signature.to_bytes())
            }
        };
        format!("{signed}.{signature}")
    }

    fn public(&self) -> Value {
        match self {
            Self::Ed(kid, key) => json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid,
                "x": encoded(key.verifying_key().as_bytes()),
            }),
            Self::Ec(kid, key) => {
                let point = key.verifying_key().to_encoded_point(false);
                json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
                    "x": encoded(point.x().expect("x")), "y": encoded(point.y().expect("y")),
                })
            }
        }
    }
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            behaviour: Behaviour::Fine,
            keys: vec![Key::ed("first", 1)],
            cache_control: "public".to_owned(),
            asked: 0,
            codes: HashMap::new(),
        }));
        let (go, gone) = watch::channel(false);
        let (shared, base) = (Arc::clone(&state), url.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), base.clone(), gone.clone()));
            }
        });
        Self {
            url,
            state,
            count: AtomicU64::new(0),
            go,
        }
    }

    pub fn set(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    pub fn key(&self) -> Key {
        self.set().keys[0].clone()
    }

    pub fn asked(&self) -> usize {
        self.set().asked
    }

    /// A new number each time.
    pub fn next(&self) -> String {
        self.count.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// Releases the requests that it holds.
    pub fn release(&self) {
        self.go.send_replace(true);
    }
}

async fn serve(
    stream: TcpStream,
    state: Arc<Mutex<State>>,
    base: String,
    mut gone: watch::Receiver<bool>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (path, body) = request(&mut stream).await?;
    let behaviour = {
        let mut state = state.lock().expect("no panic");
        state.asked += usize::from(path != "/token");
        state.behaviour
    };
    match behaviour {
        Behaviour::Down => return None,
        Behaviour::Held => drop(gone.wait_for(|go| *go).await),
        Behaviour::Fine => {}
    }
    let (status, answer, cache) = {
        let state = state.lock().expect("no panic");
        let (status, answer) = if behaviour == Behaviour::Held {
            (500, json!({}))
        } else {
            answer(&state, &base, &path, &body)
        };
        (status, answer.to_string(), state.cache_control.clone())
    };
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncache-control: {cache}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream
        .write_all(format!("{head}{answer}").as_bytes())
        .await
        .ok()?;
    stream.shutdown().await.ok()
}

/// The path and body of the request.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((path, String::from_utf8(body).ok()?))
}

fn answer(state: &State, base: &str, path: &str, body: &str) -> (u16, Value) {
    match path {
        "/.well-known/openid-configuration" => (
            200,
            json!({
                "issuer": base, "authorization_endpoint": format!("{base}/auth"),
                "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/keys"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["EdDSA", "ES256"],
            }),
        ),
        "/keys" => {
            let keys: Vec<Value> = state.keys.iter().map(Key::public).collect();
            (200, json!({"keys": keys}))
        }
        "/token" => {
            let mut fields = url::form_urlencoded::parse(body.as_bytes());
            let code = fields.find(|(name, _)| name == "code").map(|(_, code)| code);
            let known = code.and_then(|code| state.codes.get(&*code).cloned());
            known.unwrap_or_else(|| (400, json!({"error": "invalid_grant"})))
        }
        _ => (404, json!({})),
    }
}
