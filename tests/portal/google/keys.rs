//! The provider's keys: cached, refreshed, and fetched by one caller at a time.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::issuer::Behaviour;
use super::{GoogleTest, Key, outcome};
use crate::support::wait_until;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_fetched_at_most_once_a_minute() {
    let google = GoogleTest::open().await;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    let asked = google.issuer.asked();
    assert_eq!(asked, 2, "the description and the keys");
    google.issuer.set().keys = vec![Key::ed("second", 2)];
    google.server.clock.advance(TimeDelta::seconds(59));
    for _ in 0..3 {
        let early = google.outcome(&google.token(&json!({}))).await;
        assert_eq!(early, "INVALID_CREDENTIALS");
    }
    assert_eq!(google.issuer.asked(), asked);
    google.server.clock.advance(TimeDelta::seconds(1));
    // For any client.
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    assert_eq!(google.issuer.asked(), asked + 2);
    let old = google.token_by(&Key::ed("first", 1), &json!({}));
    assert_eq!(
        google.outcome(&old).await,
        "INVALID_CREDENTIALS",
        "the old one is gone"
    );
    let twisted = google.token_by(&Key::ed("second", 3), &json!({}));
    assert_eq!(
        google.outcome(&twisted).await,
        "INVALID_CREDENTIALS",
        "another key of that name"
    );
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_fetched_at_most_once_a_minute_without_a_response() {
    let google = GoogleTest::open().await;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    google.server.clock.advance(TimeDelta::minutes(1));
    google.issuer.set().behaviour = Behaviour::Down;
    let asked = google.issuer.asked();
    for _ in 0..5 {
        let unknown = google.token_by(&Key::ed("unknown", 9), &json!({}));
        assert_eq!(google.outcome(&unknown).await, "UNAVAILABLE");
    }
    assert_eq!(google.issuer.asked(), asked + 1);
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "IN",
        "a known one goes on counting"
    );
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_again_after_an_hour_or_the_max_age_of_the_provider() {
    let google = GoogleTest::open().await;
    let mut wanted = 2;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    for (header, next, before, after) in [
        ("public", "max-age=300", 3599, 1),
        ("max-age=300", "max-age=86400", 299, 1),
        ("max-age=86400", "no-store", 3599, 1),
        ("no-store", "public", 59, 1),
    ] {
        assert_eq!(google.issuer.asked(), wanted, "{header}");
        google.issuer.set().cache_control = next.to_owned();
        google.server.clock.advance(TimeDelta::seconds(before));
        assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
        assert_eq!(google.issuer.asked(), wanted, "{header}: not yet");
        google.server.clock.advance(TimeDelta::seconds(after));
        assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
        wanted += 2;
        assert_eq!(google.issuer.asked(), wanted, "{header}: now");
    }
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_stay_valid_for_a_day_while_the_provider_is_down() {
    let google = GoogleTest::open().await;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    google.issuer.set().behaviour = Behaviour::Down;
    google.server.clock.advance(TimeDelta::seconds(86_399));
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    let asked = google.issuer.asked();
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    assert_eq!(
        google.issuer.asked(),
        asked,
        "nobody waits for it at each sign-in"
    );
    google.server.clock.advance(TimeDelta::seconds(1));
    let answer = google.answer(&google.token(&json!({}))).await;
    assert_eq!(outcome(&answer), "UNAVAILABLE");
    assert!(answer["errors"][0]["extensions"]["retryAfter"].as_u64() > Some(0));
    let counted = "select coalesce(sum(failed_count), 0)::bigint from attempts";
    assert_eq!(
        google.server.test.number(counted).await,
        0,
        "it was nobody's failed try"
    );
    google.issuer.set().behaviour = Behaviour::Fine;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN", "at once");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_first_sign_ins_fetch_the_keys_once() {
    let google = GoogleTest::open().await;
    let tokens: Vec<String> = (0..20).map(|_| google.token(&json!({}))).collect();
    let answers = join_all(tokens.iter().map(|token| google.answer(token))).await;
    for answer in &answers {
        assert_eq!(outcome(answer), "IN", "{answer}");
    }
    assert_eq!(google.issuer.asked(), 2);
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_waits_at_most_once_for_an_unresponsive_provider() {
    let google = GoogleTest::open().await;
    google.issuer.set().behaviour = Behaviour::Held;
    let tokens: Vec<String> = (0..8).map(|_| google.token(&json!({}))).collect();
    let all = join_all(tokens.iter().map(|token| google.answer(token)));
    let release = async {
        wait_until("one asks", async || google.issuer.asked() == 1).await;
        let source = "select failed_count::bigint from attempts limit 1";
        let waiting = "select coalesce(sum(failed_count), 0)::bigint from attempts";
        wait_until("all are counted", async || {
            google.server.test.number(waiting).await == 8
        })
        .await;
        assert_eq!(google.server.test.number(source).await, 8);
        // They are waiting by then, or almost.
        tokio::time::sleep(Duration::from_millis(200)).await;
        google.issuer.release();
    };
    let (answers, ()) = futures_util::join!(all, release);
    for answer in &answers {
        assert_eq!(outcome(answer), "UNAVAILABLE", "{answer}");
    }
    assert_eq!(google.issuer.asked(), 1);
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_does_not_delay_callers_with_a_known_key() {
    let google = GoogleTest::open().await;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    google.server.clock.advance(TimeDelta::minutes(1));
    google.issuer.set().behaviour = Behaviour::Held;
    let unknown = google.token_by(&Key::ed("unknown", 9), &json!({}));
    let others = async {
        wait_until("the provider is asked", async || google.issuer.asked() == 3).await;
        let known = google.outcome(&google.token(&json!({}))).await;
        google.issuer.release();
        known
    };
    let (stranger, known) = futures_util::join!(google.outcome(&unknown), others);
    assert_eq!(known, "IN");
    assert_eq!(stranger, "UNAVAILABLE");
    google.stop().await;
}
