//! Subscriptions over a real WebSocket: current counts and every change, authorised before the stream exists.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule::base::actor::Scope;

use crate::support::{Socket, TestServer};

const COUNTS: &str = "subscription { portalStats { invited active version } }";
const ALL_JOBS: &str = "subscription { bulkJobUpdated { id kind status done total } }";
const ACTIVITY: &str = "subscription { portalActivity { kind contact { email } } }";

#[tokio::test(flavor = "multi_thread")]
async fn counts_arrive_immediately_and_with_every_change_including_manual_sql() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.read_key)).await;
    socket.subscribe(COUNTS).await;
    let mut last = socket.data().await["portalStats"].clone();
    assert_eq!(last["invited"], 0);
    let invite =
        "mutation { inviteContacts(input: {emails: [\"a@example.com\", \"b@example.com\"]}) { count } }";
    server.data(&server.other.key, invite, json!({})).await;
    server.data(&server.acme.key, invite, json!({})).await;
    let next = socket.data().await["portalStats"].clone();
    assert_eq!(next["invited"], 2, "the other account's change is not seen");
    assert!(next["version"].as_str() > last["version"].as_str());
    last = next;
    server
        .test
        .run("update contacts set joined_at = '2026-01-05Z' where email_key = 'a@example.com'")
        .await;
    let next = socket.data().await["portalStats"].clone();
    assert_eq!((&next["invited"], &next["active"]), (&json!(1), &json!(1)));
    assert!(next["version"].as_str() > last["version"].as_str());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_subscriber_gets_the_counts_of_now_and_not_those_read_last() {
    let server = TestServer::open().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"1@example.com\", \"2@example.com\", \"3@example.com\"]}) { count } }";
    server.data(&server.acme.key, invite, json!({})).await;
    let mut earlier = Socket::open(&server, Some(&server.acme.read_key)).await;
    earlier.subscribe(COUNTS).await;
    assert_eq!(earlier.data().await["portalStats"]["active"], 0);
    for joined in 1..=3 {
        // Nothing is nudged, so the earlier subscriber may learn of it a second later.
        let join =
            format!("update contacts set joined_at = '2026-01-05Z' where email_key = '{joined}@example.com'");
        server.test.run(&join).await;
        let mut socket = Socket::open(&server, Some(&server.acme.read_key)).await;
        socket.subscribe(COUNTS).await;
        assert_eq!(socket.data().await["portalStats"]["active"], joined);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_shows_events_after_subscribing() {
    let server = TestServer::open().await;
    let invite = |address: &str| {
        format!("mutation {{ inviteContacts(input: {{emails: [\"{address}\"]}}) {{ count }} }}")
    };
    server
        .data(&server.acme.key, &invite("before@example.com"), json!({}))
        .await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(ACTIVITY).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    server
        .data(&server.acme.key, &invite("after@example.com"), json!({}))
        .await;
    let mut kinds = Vec::new();
    while kinds.last().map(String::as_str) != Some("MESSAGE_SENT") {
        let event = socket.data().await["portalActivity"].clone();
        if event["contact"]["email"] == "after@example.com" {
            kinds.push(event["kind"].as_str().expect("a kind").to_owned());
        }
    }
    assert_eq!(kinds, ["INVITED", "MESSAGE_SENT"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_can_be_watched_until_it_ends() {
    let server = TestServer::open().await;
    let emails: Vec<String> = (0..600).map(|n| format!("person{n}@example.com")).collect();
    let invite =
        "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { bulkJob { id } } }";
    let started = server
        .data(&server.acme.key, invite, json!({"emails": emails}))
        .await;
    let id = started["inviteContacts"]["bulkJob"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let mut socket = Socket::open(&server, Some(&server.acme.read_key)).await;
    socket
        .subscribe(&format!(
            "subscription {{ bulkJob(id: \"{id}\") {{ status done total }} }}"
        ))
        .await;
    let mut last = json!(null);
    loop {
        let message = socket.next().await;
        if message["type"] == "complete" {
            break;
        }
        last = message["payload"]["data"]["bulkJob"].clone();
    }
    assert_eq!(last, json!({"status": "SUCCEEDED", "done": 600, "total": 600}));
    server.stop().await;
}

async fn invite(server: &TestServer, credential: &str, count: usize) -> Value {
    let emails: Vec<String> = (0..count).map(|n| format!("person{n}@example.com")).collect();
    let document =
        "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { bulkJob { id } } }";
    let started = server
        .data(credential, document, json!({ "emails": emails }))
        .await;
    started["inviteContacts"]["bulkJob"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_jobs_of_the_account_can_be_watched_from_their_creation() {
    let server = TestServer::open().await;
    let unfinished = crate::access::cases::create_objects(&server).await;
    let mut socket = Socket::open(&server, Some(&server.acme.read_only)).await;
    socket.subscribe(ALL_JOBS).await;
    let mut found = Vec::new();
    for _ in 0..2 {
        found.push(socket.data().await["bulkJobUpdated"]["id"].clone());
    }
    assert!(
        found.contains(&json!(unfinished.job)) && found.contains(&json!(unfinished.idle_job)),
        "{found:?}"
    );
    let foreign = invite(&server, &server.other.key, 101).await;
    let first = invite(&server, &server.acme.key, 1_100).await;
    let second = invite(&server, &server.acme.key, 101).await;
    let (mut frames, mut ended) = (Vec::new(), 0);
    while ended < 2 {
        let frame = socket.data().await["bulkJobUpdated"].clone();
        ended += usize::from(frame["status"] == "SUCCEEDED");
        frames.push(frame);
    }
    assert!(frames.iter().all(|frame| frame["id"] != foreign), "{frames:?}");
    for (id, total) in [(&first, 1_100), (&second, 101)] {
        let of_job: Vec<&Value> = frames.iter().filter(|frame| frame["id"] == *id).collect();
        let done: Vec<i64> = of_job.iter().filter_map(|frame| frame["done"].as_i64()).collect();
        assert!(done.is_sorted(), "{of_job:?}");
        let newest =
            json!({"id": id, "kind": "INVITE", "status": "SUCCEEDED", "done": total, "total": total});
        assert_eq!(*of_job[of_job.len() - 1], newest);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_needs_permission_and_reveals_nothing_of_other_accounts() {
    let server = TestServer::open().await;
    let job = "subscription { bulkJob(id: \"job_01kcw0h0000000000000000000\") { id } }";
    let mut scoped = server.acme.scoped.iter();
    let invite_key = scoped.find(|(scope, _)| *scope == Scope::Invite);
    let invite_key = invite_key.map(|(_, key)| key).expect("a key");
    for (credential, query, code) in [
        (None, COUNTS, "UNAUTHENTICATED"),
        (Some(&server.acme.contact_session), COUNTS, "FORBIDDEN"),
        (None, ACTIVITY, "UNAUTHENTICATED"),
        (Some(&server.acme.contact_session), ACTIVITY, "FORBIDDEN"),
        (None, job, "UNAUTHENTICATED"),
        (Some(&server.acme.contact_session), job, "FORBIDDEN"),
        (Some(&server.acme.owner), job, "NOT_FOUND"),
        (None, ALL_JOBS, "UNAUTHENTICATED"),
        (Some(&server.acme.contact_session), ALL_JOBS, "FORBIDDEN"),
        (Some(invite_key), ALL_JOBS, "FORBIDDEN"),
    ] {
        let mut socket = Socket::open(&server, credential.map(String::as_str)).await;
        socket.subscribe(query).await;
        let message = socket.next().await;
        let errors = if message["type"] == "error" {
            &message["payload"][0]
        } else {
            &message["payload"]["errors"][0]
        };
        assert_eq!(errors["extensions"]["code"], code, "{query}: {message}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    socket.data().await;
    server
        .data(
            &server.acme.owner,
            "mutation { signOut { signedOut } }",
            json!({}),
        )
        .await;
    assert_eq!(socket.next().await["close"], 4403);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_closes_sockets_with_service_restart() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    socket.data().await;
    let (closed, ()) = tokio::join!(socket.next(), server.stop());
    assert_eq!(closed["close"], 1012);
}
