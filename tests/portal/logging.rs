//! With any `RUST_LOG`, the log of a real server never shows secrets of its clients.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::{Refusal, Socket, TestDatabase, TestTwilio, wait_until};

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

/// Sends a text message, and replies as no provider does. Returns the token of its link.
async fn send_text(server: &ServerProcess, twilio: &TestTwilio, key: &str) -> String {
    let create = "mutation { createContact(input: {phone: \"+4915112345678\"}) { contact { id } } }";
    let contact =
        server.request(Some(key), create, json!({})).await["createContact"]["contact"]["id"].clone();
    let send = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, sendBy: SMS}) { skipped { reason } } }";
    twilio.refuse_next(Refusal::code(400, 21_211));
    for _ in 0..2 {
        server.request(Some(key), send, json!({ "id": contact })).await;
        let sent =
            "query ($id: ID!) { contact(id: $id) { lastMessage { status } smsSuppression { reason } } }";
        wait_until("the outcome", async || {
            let status = server.request(Some(key), sent, json!({ "id": contact })).await;
            ["BOUNCED", "SENT"].contains(
                &status["contact"]["lastMessage"]["status"]
                    .as_str()
                    .unwrap_or_default(),
            )
        })
        .await;
        let resume =
            "mutation ($id: ID!) { resumeMail(input: {contactId: $id, channel: SMS}) { contact { id } } }";
        server.request(Some(key), resume, json!({ "id": contact })).await;
    }
    let reply = reqwest::Client::new().post(format!("{}/hooks/twilio/acme/incoming", server.url));
    let reply = reply.body("From=%2B4915112345678&Body=I+want+to+cancel+my+course");
    assert_eq!(reply.send().await.expect("an answer").status(), 403);
    let text = twilio.received().remove(0);
    text.body.rsplit('/').next().expect("a token").to_owned()
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
    let twilio = TestTwilio::open().await;
    let mut serve = command(&db, folder.path(), port);
    serve.envs(TestTwilio::settings(twilio.address));
    let server = ServerProcess::start(serve, folder.path(), port).await;
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
    let sent_link = send_text(&server, &twilio, &key).await;
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
        "15112345678".to_owned(),
        secret(&sent_link),
        "It works once".to_owned(),
        "cancel".to_owned(),
        "the-token-of-the-tests".to_owned(),
    ] {
        let line = log.lines().find(|line| line.contains(&hidden));
        assert_eq!(line, None, "{hidden}");
    }
}
