//! Attempts are counted before the comparison, per password and per source.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ANNA, PASSWORD, reason, server_with_password, sign_in, sign_in_to};
use crate::support::TestServer;

async fn fail(server: &TestServer, email: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(
            reason(&sign_in(server, email, "wrong").await),
            "INVALID_CREDENTIALS"
        );
    }
}

async fn wait_said(server: &TestServer, email: &str) -> u64 {
    let refused = sign_in(server, email, "wrong").await;
    assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS");
    refused["refusal"]["retryAfter"].as_u64().expect("a wait")
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_failed_attempts_delays_grow_from_thirty_seconds_to_an_hour() {
    let server = server_with_password().await;
    for email in [ANNA, "nobody@acme.example"] {
        fail(&server, email, 10).await;
        for expected in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600] {
            let said = wait_said(&server, email).await;
            assert_eq!(said, expected, "{email}");
            server
                .clock
                .advance(TimeDelta::seconds(expected.cast_signed() - 1));
            assert_eq!(wait_said(&server, email).await, 1);
            server.clock.advance(TimeDelta::seconds(1));
            fail(&server, email, 1).await;
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenth_attempt_counts_and_a_right_password_resets_the_count() {
    let server = server_with_password().await;
    fail(&server, ANNA, 9).await;
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    fail(&server, ANNA, 10).await;
    let refused = sign_in(&server, ANNA, PASSWORD).await;
    assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS", "the right one too");
    server.clock.advance(TimeDelta::seconds(30));
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_attempt_of_each_delay_is_logged() {
    let server = server_with_password().await;
    let noted = "select contact_id::text from audit_events where outcome = 'TOO_MANY_ATTEMPTS' order by id";
    for email in [ANNA, "nobody@acme.example"] {
        fail(&server, email, 10).await;
        for seconds in [30, 60] {
            join_all((0..20).map(|_| wait_said(&server, email))).await;
            server.clock.advance(TimeDelta::seconds(seconds));
            fail(&server, email, 1).await;
        }
    }
    let anna = Some(server.acme.contact.0.to_string());
    assert_eq!(server.test.texts(noted).await, [anna.clone(), anna, None, None]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_failed_attempts_disable_a_password_until_a_reset() {
    let server = server_with_password().await;
    // The limit of the source is tested below.
    let forget_source = "delete from attempts where failed_count > 200";
    fail(&server, ANNA, 10).await;
    for _ in 10..99 {
        server.clock.advance(TimeDelta::hours(1));
        fail(&server, ANNA, 1).await;
    }
    let disabled = "select count(*) from passwords where disabled_at is not null";
    assert_eq!(server.test.number(disabled).await, 0);
    server.test.run(forget_source).await;
    server.clock.advance(TimeDelta::hours(1));
    fail(&server, ANNA, 1).await;
    assert_eq!(server.test.number(disabled).await, 1);
    let data = "select count(*) from audit_events where kind = 'PASSWORD_DISABLED'";
    assert_eq!(server.test.number(data).await, 1);
    for days in [0, 1, 400] {
        server.clock.advance(TimeDelta::days(days));
        let refused = sign_in(&server, ANNA, PASSWORD).await;
        assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS");
        assert_eq!(refused["refusal"]["retryAfter"], Value::Null);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_concurrent_attempts_by_aliases_and_batches_ten_count() {
    let server = server_with_password().await;
    let one = |alias: usize| {
        format!(
            "a{alias}: signInWithPassword(input: {{portal: \"acme\", email: \"{ANNA}\", password: \"guess {alias}\"}}) \
             {{ refusal {{ reason }} }}"
        )
    };
    let document = format!("mutation {{ {} }}", (0..5).map(one).collect::<Vec<_>>().join(" "));
    let batch: Vec<Value> = (0..4).map(|_| json!({ "query": document })).collect();
    let sends = (0..50).map(|_| {
        let request = server.http.post(format!("{}/graphql", server.url)).json(&batch);
        async move {
            request
                .send()
                .await
                .expect("an answer")
                .text()
                .await
                .expect("text")
        }
    });
    let answers = join_all(sends).await.concat();
    let compared = answers.matches("INVALID_CREDENTIALS").count();
    let data = answers.matches("TOO_MANY_ATTEMPTS").count();
    assert_eq!((compared, compared + data), (10, 1_000), "{}", &answers[..300]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_may_fail_three_hundred_times_an_hour_for_all_addresses() {
    let server = server_with_password().await;
    let tries = (0..30).map(|person| {
        let server = &server;
        async move { fail(server, &format!("nobody{person}@acme.example"), 10).await }
    });
    join_all(tries).await;
    let refused = sign_in(&server, ANNA, PASSWORD).await;
    assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS");
    assert_eq!(refused["refusal"]["retryAfter"], 3_600);
    let noted = "select count(*) from audit_events where outcome = 'TOO_MANY_ATTEMPTS'";
    assert_eq!(server.test.number(noted).await, 1);
    // Another account is not affected.
    let other = sign_in_to(&server, "other", "anna@other.example", "wrong", "PORTAL").await;
    assert_eq!(reason(&other), "INVALID_CREDENTIALS");
    server.clock.advance(TimeDelta::seconds(3_599));
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "TOO_MANY_ATTEMPTS"
    );
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_passwords_do_not_count_as_failures_of_a_source() {
    let server = server_with_password().await;
    let used = "select coalesce(sum(failed_count), 0)::bigint from attempts";
    for _ in 0..12 {
        assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    }
    assert_eq!(server.test.number(used).await, 0);
    server.stop().await;
}
