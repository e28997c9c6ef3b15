//! The subscription: every state as it comes, on every instance, and no token in any.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANNA, access};
use crate::support::{House, Socket};

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

async fn ends(socket: &mut Socket) {
    assert_eq!(socket.next().await["type"], "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_is_seen_on_both_instances() {
    let house = House::open().await;
    let beside = house.beside().await;
    let asked = house.ask_login(ANNA).await;
    let token = house.mailed_token(1).await;
    let mut watchers = Vec::new();
    for url in [&house.url, &house.url, &beside.url] {
        watchers.push(watch(url, &asked.id).await);
    }
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "PENDING");
    }
    let anna = access(&house.press(&token).await);
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "LINK_OPENED");
    }
    house.confirm(&anna, &asked.id, Some(&asked.number)).await;
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "CONFIRMED");
    }
    // Who comes later sees where it stands.
    let mut late = watch(&beside.url, &asked.id).await;
    assert_eq!(state(&mut late).await, "CONFIRMED");
    access(&house.with_challenge(&asked.id, &asked.secret).await);
    watchers.push(late);
    for watcher in &mut watchers {
        assert_eq!(state(watcher).await, "COMPLETED");
        ends(watcher).await;
    }
    let mut over = watch(&beside.url, &asked.id).await;
    assert_eq!(state(&mut over).await, "COMPLETED");
    ends(&mut over).await;
    beside.stop().await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_ends_with_the_time_with_a_no_and_with_a_newer_mail() {
    let house = House::open().await;
    let mut count = 0;
    for how in ["time", "no", "newer", "code"] {
        // Nobody's mail looks the same from here.
        let nobody = house.ask_login(&format!("{how}@acme.example")).await;
        let asked = house.ask_login(ANNA).await;
        count += 1;
        let token = house.mailed_token(count).await;
        let mut watcher = watch(&house.url, &asked.id).await;
        let mut other = watch(&house.url, &nobody.id).await;
        assert_eq!(state(&mut watcher).await, "PENDING");
        assert_eq!(state(&mut other).await, "PENDING");
        let mut last = "EXPIRED";
        match how {
            "time" => house.clock.advance(TimeDelta::minutes(10)),
            "no" => {
                let anna = access(&house.press(&token).await);
                assert_eq!(state(&mut watcher).await, "LINK_OPENED");
                house.confirm(&anna, &asked.id, None).await;
            }
            "newer" => {
                house.clock.advance(TimeDelta::minutes(1));
                for email in [ANNA, "newer@acme.example"] {
                    house.ask_login(email).await;
                }
                count += 1;
                house.mailed_token(count).await;
            }
            _ => {
                house.with_right_code(&asked.id).await;
                last = "COMPLETED";
            }
        }
        assert_eq!(state(&mut watcher).await, last, "{how}");
        ends(&mut watcher).await;
        if how == "time" || how == "newer" {
            assert_eq!(state(&mut other).await, "EXPIRED", "{how}");
            ends(&mut other).await;
        }
        house.clock.advance(TimeDelta::minutes(20));
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_over_at_once() {
    let house = House::open().await;
    let unknown = vestibule::base::ids::ChallengeId::new(&house.clock.moment()).to_string();
    for id in [&unknown[..], "", "challenge_\0", &house.acme.contact.to_string()] {
        let mut watcher = watch(&house.url, id).await;
        assert_eq!(state(&mut watcher).await, "EXPIRED", "{id:?}");
        ends(&mut watcher).await;
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nudge_that_is_lost_costs_a_moment() {
    let house = House::open().await;
    let asked = house.ask_login(ANNA).await;
    let mut watcher = watch(&house.url, &asked.id).await;
    assert_eq!(state(&mut watcher).await, "PENDING");
    house
        .test
        .run("update challenges set opened_at = '2026-01-05T10:00:01Z'")
        .await;
    assert_eq!(state(&mut watcher).await, "LINK_OPENED");
    house.test.run("delete from challenges").await;
    assert_eq!(state(&mut watcher).await, "EXPIRED");
    ends(&mut watcher).await;
    house.stop().await;
}
