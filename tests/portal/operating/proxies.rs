//! The source of requests behind declared and undeclared proxies.

use mailer::Mailer;
use serde_json::{Value, json};

use crate::passwords::{ANNA, PASSWORD};
use crate::support::TestServer;

const PUBLIC: (&str, &str) = ("VESTIBULE_PUBLIC_URL", "https://app.example");
const DECLARED: (&str, &str) = ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.0/8");

/// A server where Anna has set a password.
async fn server(settings: &[(&str, &str)]) -> TestServer {
    let server = TestServer::open_with(settings, |_| Mailer::memory()).await;
    let set = "mutation ($new: String!) { setPassword(input: {newPassword: $new}) { refusal { reason } } }";
    server
        .data(&server.acme.contact_session, set, json!({ "new": PASSWORD }))
        .await;
    server
}

async fn post(server: &TestServer, forwarded: Option<&str>, query: &str) -> Value {
    let mut request = server.http.post(format!("{}/graphql", server.url));
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let answer = request
        .json(&json!({ "query": query }))
        .send()
        .await
        .expect("an answer");
    answer.json().await.expect("JSON")
}

fn try_password(alias: &str, email: &str, password: &str) -> String {
    format!(
        "{alias}: signInWithPassword(input: {{portal: \"acme\", email: \"{email}\", password: \"{password}\"}}) \
         {{ refusal {{ reason }} }}"
    )
}

/// The reason why Anna can't sign in, or `none`.
async fn sign_in(server: &TestServer, forwarded: Option<&str>, password: &str) -> String {
    let query = format!("mutation {{ {} }}", try_password("anna", ANNA, password));
    let answer = post(server, forwarded, &query).await;
    let reason = answer["data"]["anna"]["refusal"]["reason"].as_str();
    assert_eq!(answer.get("errors"), None, "{answer}");
    reason.unwrap_or("none").to_owned()
}

/// Eleven requests with thirty wrong passwords each, for other addresses than Anna's.
async fn eleven_requests(server: &TestServer, forwarded: impl Fn(usize) -> Option<String>) {
    for request in 0..11 {
        let tries = (0..30).map(|alias| {
            let email = format!("somebody{request}x{alias}@acme.example");
            try_password(&format!("a{alias}"), &email, "a wrong password of theirs")
        });
        let query = format!("mutation {{ {} }}", tries.collect::<Vec<_>>().join(" "));
        let answer = post(server, forwarded(request).as_deref(), &query).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_an_undeclared_proxy_one_client_cannot_lock_out_another() {
    let server = server(&[PUBLIC]).await;
    eleven_requests(&server, |_| Some("198.51.100.1".to_owned())).await;
    assert_eq!(sign_in(&server, None, PASSWORD).await, "none");
    for _ in 0..10 {
        assert_eq!(
            sign_in(&server, None, "a wrong password").await,
            "INVALID_CREDENTIALS"
        );
    }
    assert_eq!(
        sign_in(&server, Some("203.0.113.9"), PASSWORD).await,
        "TOO_MANY_ATTEMPTS",
        "the password's own limit stays, whatever the header says"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_declared_proxy_each_client_counts_by_its_forwarded_address() {
    let server = server(&[PUBLIC, DECLARED]).await;
    let forged = |request| Some(format!("203.0.113.{request}, 198.51.100.1"));
    eleven_requests(&server, forged).await;
    for forwarded in ["198.51.100.1", "192.0.2.1, 198.51.100.1"] {
        assert_eq!(
            sign_in(&server, Some(forwarded), PASSWORD).await,
            "TOO_MANY_ATTEMPTS"
        );
    }
    assert_eq!(sign_in(&server, Some("198.51.100.2"), PASSWORD).await, "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_header_never_evades_a_limit() {
    let server = server(&[]).await;
    eleven_requests(&server, |request| Some(format!("203.0.113.{request}"))).await;
    for forwarded in [None, Some("203.0.113.99")] {
        assert_eq!(sign_in(&server, forwarded, PASSWORD).await, "TOO_MANY_ATTEMPTS");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_limited_per_source_unless_it_is_an_undeclared_proxy() {
    let most = ("VESTIBULE_SOCKETS_PER_SOURCE", "1");
    for (settings, second) in [(vec![PUBLIC, most], 200), (vec![PUBLIC, DECLARED, most], 429)] {
        let server = server(&settings).await;
        let stream = || {
            let request = server.http.post(format!("{}/graphql/stream", server.url));
            let request = request
                .header("accept", "text/event-stream")
                .bearer_auth(&server.acme.key);
            request
                .json(&json!({ "query": "subscription { portalStats { invited } }" }))
                .send()
        };
        let held = stream().await.expect("an answer");
        assert_eq!(held.status(), 200);
        assert_eq!(
            stream().await.expect("an answer").status(),
            second,
            "{settings:?}"
        );
        drop(held);
        server.stop().await;
    }
}
