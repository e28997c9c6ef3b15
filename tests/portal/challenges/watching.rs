//! The subscription: every state on every instance, and never a token.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANNA, access};
use crate::support::{Socket, TestServer};

async fn watch(url: &str, id: &str) -> Socket {
    let mut socket = Socket::at(url, None).await;
    let query = format!("subscription {{ signInChallenge(challengeId: {}) }}", json!(id));
    socket.subscribe(&query).await;
    socket
}

async fn state(socket: &mut Socket) -> String {
    let data = socket.data().await;
    data["signInChallenge"].as_str().expect("a state").to_owned()
}

async fn expect_end(socket: &mut Socket) {
    assert_eq!(socket.next().await["type"], "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_is_received_on_both_instances() {
    let server = TestServer::open().await;
    let beside = server.start_instance().await;
    let asked = server.request_login(ANNA).await;
    let token = server.mailed_token(1).await;
    let mut watchers = Vec::new();
    for url in [&server.url, &server.url, &beside.url] {
        watchers.push(watch(url, &asked.id).await);
    }
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "PENDING");
    }
    let anna = access(&server.redeem(&token).await);
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "LINK_OPENED");
    }
    server.confirm(&anna, &asked.id, Some(&asked.number)).await;
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "CONFIRMED");
    }
    // A later subscriber gets the current state.
    let mut late = watch(&beside.url, &asked.id).await;
    assert_eq!(state(&mut late).await, "CONFIRMED");
    access(&server.sign_in_with_challenge(&asked.id, &asked.secret).await);
    watchers.push(late);
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "COMPLETED");
        expect_end(watcher).await;
    }
    let mut over = watch(&beside.url, &asked.id).await;
    assert_eq!(state(&mut over).await, "COMPLETED");
    expect_end(&mut over).await;
    beside.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_ends_with_the_expiry_a_denial_or_a_newer_email() {
    let server = TestServer::open().await;
    let mut count = 0;
    for how in ["time", "no", "newer", "code"] {
        // A challenge of an unknown address looks the same.
        let nobody = server.request_login(&format!("{how}@acme.example")).await;
        let asked = server.request_login(ANNA).await;
        count += 1;
        let token = server.mailed_token(count).await;
        let mut watcher = watch(&server.url, &asked.id).await;
        let mut other = watch(&server.url, &nobody.id).await;
        assert_eq!(state(&mut watcher).await, "PENDING");
        assert_eq!(state(&mut other).await, "PENDING");
        let mut last = "EXPIRED";
        match how {
            "time" => server.clock.advance(TimeDelta::minutes(10)),
            "no" => {
                let anna = access(&server.redeem(&token).await);
                assert_eq!(state(&mut watcher).await, "LINK_OPENED");
                server.confirm(&anna, &asked.id, None).await;
            }
            "newer" => {
                server.clock.advance(TimeDelta::minutes(1));
                for email in [ANNA, "newer@acme.example"] {
                    server.request_login(email).await;
                }
                count += 1;
                server.mailed_token(count).await;
            }
            _ => {
                server.sign_in_with_right_code(&asked.id).await;
                last = "COMPLETED";
            }
        }
        assert_eq!(state(&mut watcher).await, last, "{how}");
        expect_end(&mut watcher).await;
        if how == "time" || how == "newer" {
            assert_eq!(state(&mut other).await, "EXPIRED", "{how}");
            expect_end(&mut other).await;
        }
        server.clock.advance(TimeDelta::minutes(20));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_an_unknown_challenge_ends_immediately() {
    let server = TestServer::open().await;
    let unknown = vestibule::base::ids::ChallengeId::new(&server.clock.moment()).to_string();
    for id in [&unknown[..], "", "challenge_\0", &server.acme.contact.to_string()] {
        let mut watcher = watch(&server.url, id).await;
        assert_eq!(state(&mut watcher).await, "EXPIRED", "{id:?}");
        expect_end(&mut watcher).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_notification_only_delays_an_update() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let mut watcher = watch(&server.url, &asked.id).await;
    assert_eq!(state(&mut watcher).await, "PENDING");
    server
        .test
        .run("update challenges set opened_at = '2026-01-05T10:00:01Z'")
        .await;
    assert_eq!(state(&mut watcher).await, "LINK_OPENED");
    server.test.run("delete from challenges").await;
    assert_eq!(state(&mut watcher).await, "EXPIRED");
    expect_end(&mut watcher).await;
    server.stop().await;
}
