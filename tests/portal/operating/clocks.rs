//! Instances whose clocks differ.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::base::clock::Clock;

use super::metrics::{SET, value};
use crate::support::{SecondServer, TestServer, wait_until};

const NAME: &str = "{ portal { name } }";

/// The code of the error, or `OK`.
async fn ask(server: &TestServer, url: &str) -> String {
    let answer = server
        .request_at(url, Some(&server.acme.owner), NAME, json!({}))
        .await;
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    code.unwrap_or("OK").to_owned()
}

async fn offset(server: &TestServer, instance: &SecondServer) -> f64 {
    let metrics = server
        .http
        .get(format!("{}/metrics", instance.url))
        .bearer_auth(SET.1);
    let metrics = metrics
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    value(&metrics, "vestibule_clock_offset_seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_difference_from_the_databases_clock_is_a_metric() {
    let server = TestServer::open().await;
    let now = Clock::System.now();
    for (clock, expected) in [
        (Clock::System, 0.0),
        (Clock::manual(now + TimeDelta::minutes(10)), 600.0),
        (Clock::manual(now - TimeDelta::minutes(10)), -600.0),
    ] {
        let instance = server.start_instance_at(clock, &[SET]).await;
        wait_until("the clocks are compared", async || {
            (offset(&server, &instance).await - expected).abs() < 60.0
        })
        .await;
        instance.stop().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_instance_that_is_a_minute_ahead_is_accepted() {
    let server = TestServer::open().await;
    // They issue and accept tokens under the same address.
    let public = [("VESTIBULE_PUBLIC_URL", &server.url[..])];
    for (behind, answer) in [(75, "OK"), (100, "UNAUTHENTICATED")] {
        let clock = Clock::manual(server.clock.now() - TimeDelta::seconds(behind));
        let instance = server.start_instance_at(clock, &public).await;
        assert_eq!(ask(&server, &instance.url).await, answer, "{behind} s");
        instance.stop().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_of_an_instance_that_is_a_minute_behind_is_noticed() {
    let server = TestServer::open().await;
    assert_eq!(ask(&server, &server.url).await, "OK");
    // As that instance writes it, whose nudge got lost.
    let revoke = "insert into revocations (account_id, subject, at) select account_id, id, timestamptz '2026-01-05T09:58:45Z' from sessions";
    server.test.run(revoke).await;
    wait_until("the token is refused", async || {
        ask(&server, &server.url).await == "UNAUTHENTICATED"
    })
    .await;
    server.stop().await;
}
