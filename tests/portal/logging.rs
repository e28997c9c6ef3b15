//! With any `RUST_LOG`, the log of a real server never shows secrets of its clients.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::{Socket, TestDatabase, wait_until};

const PASSWORD: &str = "Correct-Horse-Battery-9";

/// A server in a separate process that logs to a file.
struct ServerProcess {
    url: String,
    log: std::path::PathBuf,
    child: Child,
}

fn command(db: &TestDatabase, folder: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command
        .env("DATABASE_URL", &db.url)
        .env("VESTIBULE_DATA_DIR", folder)
        .env("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"))
        .env("VESTIBULE_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
        .env("RUST_LOG", "trace");
    command
}

impl ServerProcess {
    async fn start(mut serve: Command, folder: &Path, port: u16) -> Self {
        let log = folder.join("log");
        let file = std::fs::File::create(&log).expect("a file");
        let child = serve.arg("serve").stdout(Stdio::null()).stderr(file).spawn();
        let served = Self {
            url: format!("http://127.0.0.1:{port}"),
            log,
            child: child.expect("it starts"),
        };
        let ready = format!("{}/readyz", served.url);
        wait_until("the server is ready", async || {
            reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        served
    }

    async fn request(&self, key: Option<&str>, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let mut request = reqwest::Client::new()
            .post(format!("{}/graphql", self.url))
            .json(&body);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"].clone()
    }

    /// The log from start to stop.
    fn stop(mut self) -> String {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("a signal");
        self.child.wait().expect("it ends");
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_verbose_log_shows_no_secret() {
    let (db, folder) = (TestDatabase::new().await, tempfile::tempdir().expect("a folder"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let created = command(&db, folder.path(), port)
        .args(["account", "create", "--slug", "acme", "--name", "Acme"])
        .args(["--owner", "owner@acme.example", "--api-key"])
        .output()
        .expect("an account");
    let printed: Value = serde_json::from_slice(&created.stdout).expect("JSON");
    let key = text(&printed["apiKey"]);
    let server = ServerProcess::start(command(&db, folder.path(), port), folder.path(), port).await;
    let create = "mutation { createContact(input: {email: \"anna@customers.example\"}) { contact { id } } }";
    let contact =
        server.request(Some(&key), create, json!({})).await["createContact"]["contact"]["id"].clone();
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let link =
        text(&server.request(Some(&key), make, json!({ "id": contact })).await["generateMagicLink"]["url"]);
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let shown = reqwest::get(&link).await.expect("a page").status();
    assert_eq!(shown, 200);
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
        session { accessToken refreshToken } } }";
    let redeemed = server.request(None, redeem, json!({ "token": token })).await;
    let session = &redeemed["signInWithMagicLink"]["session"];
    let (access, refresh) = (text(&session["accessToken"]), text(&session["refreshToken"]));
    let sign_in = "mutation ($password: String!) { signInWithPassword(input: {portal: \"acme\",
        email: \"anna@customers.example\", password: $password}) { refusal { reason } } }";
    server
        .request(None, sign_in, json!({ "password": PASSWORD }))
        .await;
    for credential in [&key, &access] {
        let mut socket = Socket::at(&server.url, Some(credential)).await;
        socket.subscribe("{ viewer { __typename } }").await;
        assert_eq!(socket.next().await["type"], "next");
    }
    let log = format!("{}{}", String::from_utf8_lossy(&created.stderr), server.stop());
    assert!(
        log.contains("listening") && log.contains("/graphql"),
        "it is the log: {log}"
    );
    // Only the end: the beginning names the kind and the account.
    let secret = |token: &str| token[token.len() - 24..].to_owned();
    let owner_link = text(&printed["ownerSignInUrl"]);
    for hidden in [
        secret(&key),
        secret(&token),
        secret(&refresh),
        secret(&owner_link),
        secret(&access),
        PASSWORD.to_owned(),
        "anna@customers".to_owned(),
    ] {
        let line = log.lines().find(|line| line.contains(&hidden));
        assert_eq!(line, None, "{hidden}");
    }
}
