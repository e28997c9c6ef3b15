//! What others publish: garbage, other installations, forged nudges, floods.

use std::time::{Duration, Instant};

use super::{METRICS, ask, invite, metric, sessions, start, subject, wait_for_metric, wait_until_connected};
use crate::support::{Socket, TestNats, TestServer, wait_until};

const RECEIVED: &str = "vestibule_bus_received_total";
const IGNORED: &str = "vestibule_bus_ignored_total";
const MAX_PAYLOAD: usize = 7_000;

async fn publisher(nats: &TestNats) -> async_nats::Client {
    async_nats::connect(nats.url()).await.expect("NATS answers")
}

/// Publishes a message, and waits until the server has received it.
async fn deliver(server: &TestServer, client: &async_nats::Client, payload: Vec<u8>) {
    let before = metric(server, &server.url, RECEIVED).await;
    let sent = client.publish(subject(server).await, payload.into()).await;
    sent.expect("it is sent");
    wait_for_metric(server, &server.url, RECEIVED, |received| received == before + 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_counted_and_ignored() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    wait_until_connected(&server, &[&server.url]).await;
    let client = publisher(&nats).await;
    let nudge = format!("{}c", server.acme.id.0.simple());
    let too_long = vec![nudge.as_str(); MAX_PAYLOAD / nudge.len()].join(" ");
    assert!(too_long.len() > MAX_PAYLOAD);
    let garbage = [
        b"garbage".to_vec(),
        vec![0, 255, 254],
        "é".repeat(40).into_bytes(),
        format!("{nudge} {nudge}x {}R12", server.acme.id.0.simple()).into_bytes(),
        too_long.into_bytes(),
        vec![b'c'; 900_000],
    ];
    let count = garbage.len() as f64;
    for payload in garbage {
        deliver(&server, &client, payload).await;
    }
    assert_eq!(metric(&server, &server.url, IGNORED).await, count);
    deliver(&server, &client, nudge.into_bytes()).await;
    deliver(&server, &client, Vec::new()).await;
    assert_eq!(metric(&server, &server.url, IGNORED).await, count);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn installations_on_one_nats_do_not_meet() {
    let nats = TestNats::start(&[]).await;
    let (server, other) = (start(&nats).await, start(&nats).await);
    wait_until_connected(&server, &[&server.url]).await;
    wait_until_connected(&other, &[&other.url]).await;
    let second = server
        .start_instance_with(&[("NATS_URL", &nats.url()), METRICS])
        .await;
    wait_until_connected(&server, &[&second.url]).await;
    super::wait_for_nudge(&server, &second.url).await;
    assert_ne!(subject(&server).await, subject(&other).await);
    assert_eq!(metric(&other, &other.url, RECEIVED).await, 0.0);
    second.stop().await;
    server.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_revocation_revokes_nothing() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    wait_until_connected(&server, &[&server.url]).await;
    let client = publisher(&nats).await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    let account = server.acme.id.0.simple();
    let forged = sessions(&server)
        .await
        .into_iter()
        .map(|id| format!("{account}R{id}"));
    let forged = forged.collect::<Vec<_>>().join(" ");
    deliver(&server, &client, forged.into_bytes()).await;
    assert_eq!(metric(&server, &server.url, IGNORED).await, 0.0);
    for credential in [&server.acme.owner, &server.acme.key, &server.acme.contact_session] {
        assert_eq!(ask(&server, &server.url, credential).await, "OK");
    }
    socket.subscribe(super::COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    server.stop().await;
}

/// How often the revocations were read, as far as PostgreSQL's connections have reported it.
async fn reads(server: &TestServer) -> i64 {
    let reads = "select coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0)::bigint
        from pg_stat_user_tables where relname = 'revocations'";
    server.test.number(reads).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forged_revocations_causes_few_reads() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    wait_until_connected(&server, &[&server.url]).await;
    let client = publisher(&nats).await;
    let (subject, before) = (subject(&server).await, reads(&server).await);
    let nudge = format!("{}R{}", server.acme.id.0.simple(), server.acme.contact.0.simple());
    let started_at = Instant::now();
    while started_at.elapsed() < Duration::from_secs(2) {
        let sent = client.publish(subject.clone(), nudge.clone().into()).await;
        sent.expect("it is sent");
        client.flush().await.expect("it is flushed");
    }
    assert!(
        metric(&server, &server.url, RECEIVED).await > 500.0,
        "it was a flood"
    );
    assert_eq!(
        ask(&server, &server.url, &server.acme.contact_session).await,
        "OK"
    );
    let so_far = reads(&server).await;
    wait_until("the next reads are reported", async || {
        reads(&server).await > so_far
    })
    .await;
    let (reads, elapsed) = (reads(&server).await - before, started_at.elapsed());
    assert!(reads > 20, "nudges cause reads: {reads}");
    // One for each 25 ms, and a few that were already asked for.
    let most = i64::try_from(elapsed.as_millis()).expect("a short time") / 25 + 10;
    assert!(reads <= most, "{reads} reads in {elapsed:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_nudges_leaves_the_server_working() {
    let nats = TestNats::start(&[]).await;
    let server = start(&nats).await;
    wait_until_connected(&server, &[&server.url]).await;
    let client = publisher(&nats).await;
    let subject = subject(&server).await;
    let mut socket = Socket::open(&server, Some(&server.acme.read_key)).await;
    socket.subscribe(super::COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    let unknown = |number: u32, topic: char| format!("{number:032x}{topic}{number:032x}");
    for number in 0..2_000 {
        let nudges = ['c', 'a', 'J', 'C', 'R', 'W', 'm', 'j', 'A'].map(|topic| unknown(number, topic));
        let sent = client.publish(subject.clone(), nudges.join(" ").into()).await;
        sent.expect("it is sent");
    }
    client.flush().await.expect("it is flushed");
    invite(&server, "after@example.com").await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 1);
    assert_eq!(metric(&server, &server.url, "vestibule_bus_connected").await, 1.0);
    server.stop().await;
}
