//! Refused requests for a link and refused redemptions, and their limits.

use super::{MAKE, REDEEM, link, reason, redeem};
use crate::support::{TestServer, wait_until};
use chrono::TimeDelta;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn invalid_requests_for_a_link_name_their_field() {
    let server = TestServer::open().await;
    let id = server.acme.contact.to_string();
    let foreign = server.other.contact.to_string();
    for (input, code, field) in [
        (
            json!({"id": id, "minutes": 4}),
            "BAD_USER_INPUT",
            "input.expiresInMinutes",
        ),
        (
            json!({"id": id, "minutes": 10_081}),
            "BAD_USER_INPUT",
            "input.expiresInMinutes",
        ),
        (json!({"id": foreign}), "NOT_FOUND", "input.contactId"),
        (json!({"id": "contact_x"}), "NOT_FOUND", "input.contactId"),
        (
            json!({"id": id, "replaces": "magiclink_x"}),
            "NOT_FOUND",
            "input.replaces",
        ),
    ] {
        let refused = server.error(Some(&server.acme.key), MAKE, input.clone()).await;
        assert_eq!(refused, (code.to_owned(), Some(field.to_owned())), "{input}");
    }
    assert_eq!(
        server.test.number("select count(*) from magic_links").await,
        0,
        "nothing half done"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requesting_a_login_email_reveals_nothing_and_is_limited() {
    let server = TestServer::open().await;
    let ask =
        "mutation ($email: EmailAddress!) { requestLoginEmail(input: {portal: \"acme\", email: $email}) {
        challengeId deviceSecret matchingNumber expiresAt } }";
    for email in ["anna@acme.example", "nobody@acme.example"] {
        let answer = server.request(None, ask, json!({"email": email})).await;
        let payload = &answer["data"]["requestLoginEmail"];
        assert_eq!(
            payload["matchingNumber"].as_str().map(str::len),
            Some(2),
            "{answer}"
        );
        assert_eq!(payload["expiresAt"], "2026-01-05T10:10:00.000000Z");
    }
    let sent =
        async |count: usize| wait_until("mails arrived", async || server.mailbox.sent().len() == count).await;
    sent(1).await;
    // One a minute and five an hour, with the same response beyond that.
    for minute in 1..=8 {
        server.clock.advance(TimeDelta::seconds(59));
        server
            .request(None, ask, json!({"email": "Anna@ACME.example"}))
            .await;
        server.clock.advance(TimeDelta::seconds(1));
        server
            .request(None, ask, json!({"email": "anna@acme.example"}))
            .await;
        sent(5.min(minute + 1)).await;
    }
    assert_eq!(
        server
            .error(None, ask, json!({"email": "no address"}))
            .await
            .1
            .as_deref(),
        Some("input.email")
    );
    server.stop().await;
}

/// Redeems this many times, thirty in each request.
async fn hammer(server: &TestServer, token: &str, requests: usize) {
    let press = |n: usize| {
        format!(
            "a{n}: signInWithMagicLink(input: {{token: \"{token}\"}}) {{ session {{ accessToken }} refusal {{ reason }} }} "
        )
    };
    let presses: String = (0..30).map(press).collect();
    for _ in 0..requests {
        let answer = server
            .request(None, &format!("mutation {{ {presses} }}"), json!({}))
            .await;
        for (_, one) in answer["data"].as_object().expect("answers") {
            assert!(
                one["session"].is_null() && !one["refusal"]["reason"].is_null(),
                "{one}"
            );
        }
    }
}

const REFUSED: &str = "select count(*) from audit_events where kind = 'LINK_REFUSED'";

#[tokio::test(flavor = "multi_thread")]
async fn repeated_redemptions_of_a_used_link_write_few_rows() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({"minutes": 60})).await;
    redeem(&server, &token).await;
    hammer(&server, &token, 5).await;
    assert_eq!(
        server.test.number(REFUSED).await,
        11,
        "ten, and the first of the wait"
    );
    server.clock.advance(TimeDelta::seconds(5));
    hammer(&server, &token, 1).await;
    assert_eq!(server.test.number(REFUSED).await, 11, "the same wait");
    server
        .test
        .run("update sessions set first_used_at = created_at")
        .await;
    server.clock.advance(TimeDelta::seconds(25));
    hammer(&server, &token, 1).await;
    assert_eq!(
        server.test.number(REFUSED).await,
        13,
        "one, and the first of the next"
    );
    assert_eq!(
        reason(&server, &token).await,
        "LINK_USED",
        "the answer stays the same"
    );
    // A source with other links has a separate limit.
    server.test.run("update attempts set failed_count = 300").await;
    let (other, _) = link(&server, json!({"minutes": 60})).await;
    redeem(&server, &other).await;
    hammer(&server, &other, 2).await;
    assert_eq!(server.test.number(REFUSED).await, 14, "the first of the hour");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_only_by_a_scanner_signs_in_after_any_number_of_refusals() {
    let server = TestServer::open().await;
    let (token, _) = link(&server, json!({"minutes": 60})).await;
    redeem(&server, &token).await;
    hammer(&server, &token, 5).await;
    server.clock.advance(TimeDelta::seconds(10));
    assert!(!redeem(&server, &token).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_suppressed_address_is_not_emailed_and_the_response_says_so() {
    let server = TestServer::open().await;
    let account = server.acme.id.0;
    server
        .test
        .run(&format!(
            "insert into suppressions values ('{account}', 'anna@acme.example', 'gone', '2026-01-01Z', null)"
        ))
        .await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, sendBy: EMAIL}) {
        url confirmation skipped { email reason } magicLink { message { id } } } }";
    let id = server.acme.contact.to_string();
    let created = server.data(&server.acme.key, make, json!({"id": id})).await;
    let created = &created["generateMagicLink"];
    assert_eq!(
        created["skipped"],
        json!({"email": "anna@acme.example", "reason": "SUPPRESSED"})
    );
    assert_eq!(created["magicLink"]["message"], Value::Null);
    let words = created["confirmation"].as_str().expect("words");
    assert!(
        words.contains("not emailed") && !words.contains("on its way"),
        "{words}"
    );
    assert_eq!(server.test.number("select count(*) from messages").await, 0);
    assert_eq!(
        server.test.number("select count(*) from message_days").await,
        0,
        "no budget is taken"
    );
    let token = created["url"]
        .as_str()
        .and_then(|url| url.rsplit('/').next())
        .expect("a token");
    let redeemed = server.request(None, REDEEM, json!({"token": token})).await;
    assert!(
        !redeemed["data"]["signInWithMagicLink"]["session"].is_null(),
        "{redeemed}"
    );
    server.stop().await;
}
