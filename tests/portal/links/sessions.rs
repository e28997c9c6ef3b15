//! The session that a link opened: refreshes, replays, signing out.

use super::{link, redeem};
use crate::support::TestServer;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_can_be_repeated_and_a_replay_ends_the_session() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let first = redeem(&server, &token).await["session"]["refreshToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let refresh = async |token: &str| {
        server.request(None, REFRESH, json!({"token": token})).await["data"]["refreshSession"].clone()
    };
    let second = refresh(&first).await;
    let repeated = refresh(&first).await;
    assert_eq!(second, repeated, "the same to the byte");
    // An hour later the new pair was never used: the response was lost.
    server.clock.advance(TimeDelta::hours(1));
    let late = refresh(&first).await;
    assert_eq!(late["session"]["refreshToken"], second["session"]["refreshToken"]);
    let third = refresh(second["session"]["refreshToken"].as_str().expect("a token")).await;
    assert!(!third["session"].is_null());
    server.clock.advance(TimeDelta::seconds(11));
    assert_eq!(
        refresh(&first).await["refusal"]["reason"],
        "SESSION_EXPIRED",
        "a replay"
    );
    let newest = third["session"]["refreshToken"].as_str().expect("a token");
    assert_eq!(
        refresh(newest).await["refusal"]["reason"],
        "SESSION_EXPIRED",
        "and with it the whole session"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_refreshes_leave_one_valid_token_family() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let first = redeem(&server, &token).await["session"]["refreshToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let answers = join_all((0..20).map(|_| server.request(None, REFRESH, json!({"token": first})))).await;
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(
        server
            .test
            .number("select count(*) from refresh_tokens where rotated_at is null and generation > 0")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_out_token_is_refused_at_once() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let access = redeem(&server, &token).await["session"]["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let out = server
        .data(&access, "mutation { signOut { signedOut } }", json!({}))
        .await;
    assert_eq!(out["signOut"]["signedOut"], true);
    assert_eq!(
        server.error(Some(&access), "{ me { id } }", json!({})).await.0,
        "UNAUTHENTICATED"
    );
    server.stop().await;
}
