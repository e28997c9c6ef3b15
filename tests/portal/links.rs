//! Magic links: single use, expiry, refusals.

mod by_address;
mod refused;
mod sessions;
mod switched_off;

use crate::support::{TestBrowser, TestServer, wait_until};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

const MAKE: &str = "mutation ($id: ID!, $minutes: Int, $section: PortalSection, $limit: Boolean, $replaces: ID) {
    generateMagicLink(input: {contactId: $id, expiresInMinutes: $minutes, section: $section, limitToSection: $limit, replaces: $replaces}) {
        url confirmation magicLink { id status } } }";

const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken refreshTokenExpiresAt } viewer { __typename } landingUrl refusal { reason retryAfter } } }";

async fn link(server: &TestServer, variables: Value) -> (String, String) {
    let mut input = json!({"id": server.acme.contact.to_string()});
    input
        .as_object_mut()
        .expect("an object")
        .extend(variables.as_object().cloned().unwrap_or_default());
    let created = server.data(&server.acme.key, MAKE, input).await;
    let created = &created["generateMagicLink"];
    let url = created["url"].as_str().expect("a URL");
    let token = url.rsplit('/').next().expect("a token").to_owned();
    (
        token,
        created["magicLink"]["id"].as_str().expect("an id").to_owned(),
    )
}

async fn redeem(server: &TestServer, token: &str) -> Value {
    let answer = server.request(None, REDEEM, json!({"token": token})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["signInWithMagicLink"].clone()
}

async fn reason(server: &TestServer, token: &str) -> String {
    let answer = redeem(server, token).await;
    assert!(answer["session"].is_null(), "{answer}");
    answer["refusal"]["reason"].as_str().expect("a reason").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_redemptions_of_one_link_create_one_session() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let sessions_before = server.test.number("select count(*) from sessions").await;
    let answers = join_all((0..100).map(|_| redeem(&server, &token))).await;
    let won = answers
        .iter()
        .filter(|answer| !answer["session"].is_null())
        .count();
    assert_eq!(won, 1);
    assert_eq!(
        server.test.number("select count(*) from sessions").await,
        sessions_before + 1
    );
    let early = answers
        .iter()
        .find(|answer| answer["session"].is_null())
        .expect("the others");
    assert_eq!(early["refusal"]["reason"], "LINK_USED");
    assert_eq!(early["refusal"]["retryAfter"], 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_only_by_a_scanner_can_be_redeemed_once_more() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let scanner = redeem(&server, &token).await;
    assert_eq!(redeem(&server, &token).await["refusal"]["retryAfter"], 10);
    server.clock.advance(TimeDelta::seconds(10));
    let person = redeem(&server, &token).await;
    assert!(!person["session"].is_null(), "{person}");
    // The first session ends immediately.
    let stolen = scanner["session"]["accessToken"].as_str().expect("a token");
    wait_until("the scanner's token is refused", async || {
        server.request(Some(stolen), "{ me { id } }", json!({})).await["errors"][0]["extensions"]["code"]
            == "UNAUTHENTICATED"
    })
    .await;
    server.clock.advance(TimeDelta::seconds(11));
    assert_eq!(reason(&server, &token).await, "LINK_USED", "two redeems at most");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_session_was_used_stays_redeemed() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({})).await;
    let session = redeem(&server, &token).await;
    let access = session["session"]["accessToken"].as_str().expect("a token");
    // Within ten seconds the redemption may still be a scanner's.
    server.data(access, "{ me { id } }", json!({})).await;
    server.clock.advance(TimeDelta::seconds(12));
    server.data(access, "{ me { id } }", json!({})).await;
    wait_until("the use is noted", async || {
        server
            .test
            .number("select count(*) from sessions where first_used_at is not null")
            .await
            == 1
    })
    .await;
    assert_eq!(reason(&server, &token).await, "LINK_USED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_session_opened_any_page_stays_redeemed() {
    let server = TestServer::open().await;
    for path in ["/p/acme", "/p/acme/profile", "/p/acme/login", "/"] {
        let (token, _) = link(&server, json!({})).await;
        let mut browser = TestBrowser::new(&server);
        browser.redeem(&format!("/p/acme/link/{token}")).await;
        server.clock.advance(TimeDelta::seconds(12));
        browser.open(path).await;
        let expected = if path == "/" { None } else { Some("LINK_USED") };
        let refusal = redeem(&server, &token).await["refusal"]["reason"].clone();
        assert_eq!(refusal.as_str(), expected, "{path}");
    }
    server.stop().await;
}

/// A token has the start of its session in whole seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_later_than_ten_seconds_counts_as_use() {
    let server = TestServer::open().await;
    server.clock.advance(TimeDelta::milliseconds(900));
    let (token, _) = link(&server, json!({})).await;
    let session = redeem(&server, &token).await;
    let access = session["session"]["accessToken"].as_str().expect("a token");
    let used = "select count(*) from sessions where first_used_at is not null and contact_id is not null";
    server.clock.advance(TimeDelta::milliseconds(9_900));
    server.data(access, "{ me { id } }", json!({})).await;
    server.clock.advance(TimeDelta::milliseconds(200));
    assert_eq!(
        server.test.number(used).await,
        0,
        "9.9 s after the redeem it may be a scanner's"
    );
    server.data(access, "{ me { id } }", json!({})).await;
    wait_until("10.1 s after it is a person's", async || {
        server.test.number(used).await == 1
    })
    .await;
    assert_eq!(reason(&server, &token).await, "LINK_USED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_reason() {
    let server = TestServer::open().await;
    assert_eq!(reason(&server, "link_nonsense").await, "LINK_INVALID");
    let (old, old_id) = link(&server, json!({"minutes": 60})).await;
    let (new, new_id) = link(&server, json!({"minutes": 60, "replaces": old_id})).await;
    assert_eq!(reason(&server, &old).await, "LINK_SUPERSEDED");
    server
        .data(
            &server.acme.key,
            "mutation ($id: ID!) { revokeMagicLink(input: {magicLinkId: $id}) { magicLink { id } } }",
            json!({"id": new_id}),
        )
        .await;
    assert_eq!(reason(&server, &new).await, "LINK_REVOKED");
    let (short, _) = link(&server, json!({"minutes": 5})).await;
    server.clock.advance(TimeDelta::seconds(299));
    let (gone, _) = (short.clone(), ());
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(&server, &gone).await, "LINK_EXPIRED");
    let (live, _) = link(&server, json!({})).await;
    server
        .test
        .run("update contacts set revoked_at = '2026-01-05T10:00:00Z'")
        .await;
    assert_eq!(reason(&server, &live).await, "ACCESS_REVOKED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_valid_until_its_expiry() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({"minutes": 5})).await;
    server.clock.advance(TimeDelta::seconds(299));
    assert!(!redeem(&server, &token).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_ends_links_sent_to_the_old_one() {
    let server = TestServer::open().await;
    let id = server.acme.contact.to_string();
    server
        .data(
            &server.acme.key,
            "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }",
            json!({"id": id}),
        )
        .await;
    wait_until("the mail is sent", async || !server.mailbox.sent().is_empty()).await;
    let token = crate::support::mailed_link(&server.mailbox.sent()[0]).reveal();
    server.data(&server.acme.key, "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"new@acme.example\"}) { contact { email } } }", json!({"id": id})).await;
    assert_eq!(reason(&server, &token).await, "LINK_REVOKED");
    server.stop().await;
}
