//! Instances that reach each other over NATS: live counts and revocations arrive by nudges, and nothing that arrives is believed.

mod input;
pub mod sign_in;

use std::time::{Duration, Instant};

use mailer::Mailer;
use nix::sys::signal::Signal;
use serde_json::json;

use crate::support::{Socket, TestNats, TestServer, wait_until};

const METRICS: (&str, &str) = ("VESTIBULE_METRICS_TOKEN", "the-token-of-the-tests");
const COUNTS: &str = "subscription { portalStats { invited } }";
const LISTENERS: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and query in ('listen vestibule', 'select 1')";

/// The value of a metric of an instance.
async fn metric(server: &TestServer, url: &str, name: &str) -> f64 {
    let request = server.http.get(format!("{url}/metrics")).bearer_auth(METRICS.1);
    let text = request
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value
        .unwrap_or_else(|| panic!("{name}: {text}"))
        .parse()
        .expect("a number")
}

async fn wait_for_metric(server: &TestServer, url: &str, name: &str, wanted: impl Fn(f64) -> bool) {
    wait_until(name, async || wanted(metric(server, url, name).await)).await;
}

async fn wait_until_connected(server: &TestServer, urls: &[&str]) {
    for url in urls {
        wait_for_metric(server, url, "vestibule_bus_connected", |connected| {
            connected == 1.0
        })
        .await;
    }
}

async fn start(nats: &TestNats) -> TestServer {
    TestServer::open_with(&[("NATS_URL", &nats.url()), METRICS], |_| Mailer::memory()).await
}

/// Invites contacts until another instance has received a nudge.
async fn wait_for_nudge(server: &TestServer, url: &str) {
    let before = metric(server, url, "vestibule_bus_received_total").await;
    let mut invited = 0;
    wait_until("a nudge", async || {
        invited += 1;
        invite(server, &format!("{invited}-{before}@nudge.example")).await;
        metric(server, url, "vestibule_bus_received_total").await > before
    })
    .await;
}

async fn invite(server: &TestServer, email: &str) {
    let invite = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { count } }";
    server
        .data(&server.acme.key, invite, json!({ "emails": [email] }))
        .await;
}

/// The outcome of a request: `OK` or the code of its error.
async fn ask(server: &TestServer, url: &str, credential: &str) -> String {
    let answer = server
        .request_at(url, Some(credential), "{ __typename }", json!({}))
        .await;
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("OK")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_arrive_on_another_instance_by_nudges_over_nats_alone() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &nats.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    let mut socket = Socket::at(&second.url, Some(&server.acme.read_key)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    let started_at = Instant::now();
    for invited in 1..=10 {
        invite(&server, &format!("{invited}@example.com")).await;
        assert_eq!(socket.data().await["portalStats"]["invited"], invited);
    }
    // The reads at an interval would take a second for each.
    let elapsed = started_at.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    assert!(metric(&server, &second.url, "vestibule_bus_received_total").await >= 10.0);
    assert!(metric(&server, &server.url, "vestibule_bus_sent_total").await >= 10.0);
    assert_eq!(
        metric(&server, &second.url, "vestibule_bus_ignored_total").await,
        0.0
    );
    assert_eq!(
        server.test.number(LISTENERS).await,
        0,
        "nothing listens to PostgreSQL"
    );
    let third = server.start_instance_with(&[METRICS]).await;
    wait_until_connected(&server, &[&third.url]).await;
    assert_eq!(
        server.test.number(LISTENERS).await,
        1,
        "an instance without NATS does"
    );
    third.stop().await;
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_reaches_another_instance_over_nats() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &nats.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    let create = "mutation { createApiKey(input: {name: \"a\", scopes: [READ]}) { secret apiKey { id } } }";
    let revoke = "mutation ($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) { apiKey { id } } }";
    let mut waited = Duration::ZERO;
    for _ in 0..6 {
        let created = server.data(&server.acme.owner, create, json!({})).await["createApiKey"].clone();
        let secret = created["secret"].as_str().expect("a secret");
        assert_eq!(ask(&server, &second.url, secret).await, "OK");
        server
            .data(
                &server.acme.owner,
                revoke,
                json!({ "id": created["apiKey"]["id"] }),
            )
            .await;
        let revoked_at = Instant::now();
        wait_until("it is refused", async || {
            ask(&server, &second.url, secret).await == "UNAUTHENTICATED"
        })
        .await;
        waited += revoked_at.elapsed();
    }
    // The reads at an interval would take a second for each.
    assert!(waited < Duration::from_secs(3), "{waited:?}");
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_down_changes_are_found_by_reading_and_then_nudges_arrive_again() {
    let mut nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &nats.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    let mut socket = Socket::at(&second.url, Some(&server.acme.read_key)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    nats.kill();
    for url in [&server.url, &second.url] {
        wait_for_metric(&server, url, "vestibule_bus_connected", |connected| {
            connected == 0.0
        })
        .await;
    }
    let received = metric(&server, &second.url, "vestibule_bus_received_total").await;
    for invited in 1..=2 {
        invite(&server, &format!("{invited}@example.com")).await;
        assert_eq!(socket.data().await["portalStats"]["invited"], invited);
    }
    for url in [&server.url, &second.url] {
        let ready = server
            .http
            .get(format!("{url}/readyz"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(ready.status(), 200);
    }
    assert_eq!(
        metric(&server, &second.url, "vestibule_bus_received_total").await,
        received
    );
    wait_for_metric(&server, &server.url, "vestibule_bus_dropped_total", |dropped| {
        dropped > 0.0
    })
    .await;
    nats.restart().await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    wait_for_nudge(&server, &second.url).await;
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nats_that_hangs_holds_up_no_request_and_no_change() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &nats.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    let mut socket = Socket::at(&second.url, Some(&server.acme.read_key)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    nats.signal(Signal::SIGSTOP);
    for invited in 1..=3 {
        invite(&server, &format!("{invited}@example.com")).await;
        assert_eq!(socket.data().await["portalStats"]["invited"], invited);
    }
    assert_eq!(ask(&server, &second.url, &server.acme.key).await, "OK");
    nats.signal(Signal::SIGCONT);
    wait_for_nudge(&server, &second.url).await;
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_starts_without_nats_and_connects_when_it_is_there() {
    let address = TestNats::free_address();
    let url = format!("nats://{address}");
    let server = TestServer::open_with(&[("NATS_URL", &url), METRICS], |_| Mailer::memory()).await;
    assert_eq!(metric(&server, &server.url, "vestibule_bus_connected").await, 0.0);
    assert_eq!(ask(&server, &server.url, &server.acme.owner).await, "OK");
    let second = server.start_instance_with(&[("NATS_URL", &url), METRICS]).await;
    let _nats = TestNats::start_at(address, &[]).await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    wait_for_nudge(&server, &second.url).await;
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_of_several_servers_takes_over() {
    let mut nats = TestNats::start(&[]).await;
    let other = TestNats::start(&[]).await;
    let url = format!("{},{}", nats.url(), other.url());
    let server = TestServer::open_with(&[("NATS_URL", &url), METRICS], |_| Mailer::memory()).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &other.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    nats.kill();
    wait_for_nudge(&server, &second.url).await;
    second.stop().await;
    server.stop().await;
}

/// The subject of a test's database.
async fn subject(server: &TestServer) -> String {
    let identity = "select system_identifier || '-' || oid from pg_control_system(), pg_database where datname = current_database()";
    let identity = server.test.texts(identity).await.remove(0).expect("an identity");
    format!("vestibule.{identity}.nudges")
}

/// The ids of the account's sessions, as nudges name them.
async fn sessions(server: &TestServer) -> Vec<String> {
    let ids = server
        .test
        .texts("select replace(id::text, '-', '') from sessions")
        .await;
    ids.into_iter().flatten().collect()
}
