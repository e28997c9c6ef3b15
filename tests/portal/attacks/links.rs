//! Links in the wrong hands: scanners, other browsers, limited sessions.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{GENERATE, REFRESH, generate, login_email, redeem, redeem_as_scanner};
use crate::support::{TestBrowser, TestServer, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_by_a_scanner_ends_with_its_address() {
    let server = TestServer::open().await;
    let token = login_email(&server).await;
    redeem_as_scanner(&server, &token).await;
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"new@acme.example\"}) { contact { id } } }";
    server
        .data(
            &server.acme.key,
            change,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let pressed = redeem(&server, &token).await;
    assert!(pressed["session"].is_null(), "{pressed}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_by_a_scanner_ends_when_it_is_revoked_replaced_or_superseded() {
    let server = TestServer::open().await;
    let (revoked, id) = generate(&server, None).await;
    redeem_as_scanner(&server, &revoked).await;
    let revoke =
        "mutation ($id: ID!) { revokeMagicLink(input: {magicLinkId: $id}) { magicLink { status } } }";
    server.data(&server.acme.key, revoke, json!({"id": id})).await;
    let pressed = redeem(&server, &revoked).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_REVOKED", "{pressed}");

    let (replaced, id) = generate(&server, None).await;
    redeem_as_scanner(&server, &replaced).await;
    generate(&server, Some(&id)).await;
    let pressed = redeem(&server, &replaced).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_SUPERSEDED", "{pressed}");

    let older = login_email(&server).await;
    redeem_as_scanner(&server, &older).await;
    let newer = login_email(&server).await;
    let pressed = redeem(&server, &older).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_SUPERSEDED", "{pressed}");
    assert!(!redeem(&server, &newer).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_counts_as_use_of_the_session() {
    let server = TestServer::open().await;
    let (token, _) = generate(&server, None).await;
    let first = redeem(&server, &token).await;
    server.clock.advance(TimeDelta::minutes(9));
    // If another service verifies an app's tokens, only its refreshes are visible here.
    let refresh = first["session"]["refreshToken"].as_str().expect("a token");
    let next = server.request(None, REFRESH, json!({"token": refresh})).await;
    assert!(!next["data"]["refreshSession"]["session"].is_null(), "{next}");
    let pressed = redeem(&server, &token).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_USED", "{pressed}");
    let refresh = &next["data"]["refreshSession"]["session"]["refreshToken"];
    let next = server.request(None, REFRESH, json!({"token": refresh})).await;
    assert!(!next["data"]["refreshSession"]["session"].is_null(), "{next}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_aliases_and_concurrent_requests_send_one_email() {
    let server = TestServer::open().await;
    let aliases: String = (0..20)
        .map(|n| {
            let email: String = "anna@acme.example"
                .chars()
                .enumerate()
                .map(|(at, c)| {
                    if (n >> (at % 5)) & 1 == 1 {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    }
                })
                .collect();
            format!(
                "a{n}: requestLoginEmail(input: {{portal: \"acme\", email: \"{email}\"}}) {{ challengeId }} "
            )
        })
        .collect();
    let all = format!("mutation {{ {aliases} }}");
    let answers = join_all((0..5).map(|_| server.request(None, &all, json!({})))).await;
    for answer in answers {
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
    wait_until("a mail", async || !server.mailbox.sent().is_empty()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.mailbox.sent().len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_accounts_needs_a_confirmation_and_a_repeat_works_only_in_the_same_browser() {
    let server = TestServer::open().await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\", firstName: \"Bea\"}) { contact { id } } }";
    let bea =
        server.data(&server.acme.key, create, json!({})).await["createContact"]["contact"]["id"].clone();
    let (anna, _) = generate(&server, None).await;
    let path = format!("/p/acme/link/{anna}");
    let mut browser = TestBrowser::new(&server);
    for _ in 0..3 {
        assert_eq!(browser.open(&path).await.0, 200);
    }
    let head = server
        .http
        .head(format!("{}{path}", server.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(head.status().as_u16(), 200);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    // Without the form token of the page, nothing is redeemed.
    let bare = server
        .http
        .post(format!("{}{path}", server.url))
        .header("content-type", "application/x-www-form-urlencoded");
    let (status, _) = browser.send(bare.body("form_token=x")).await;
    assert_ne!(status, 303);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    assert_eq!(browser.redeem(&path).await, 303);
    let cookie = browser.cookies["vestibule_portal_acme"].clone();
    // The same browser may repeat it, and gets the same session.
    assert_eq!(browser.redeem(&path).await, 303);
    assert_eq!(browser.cookies["vestibule_portal_acme"], cookie);
    assert_eq!(
        server
            .test
            .number("select count(*) from sessions where cookie_hash is not null")
            .await,
        1
    );
    // Another browser may not.
    let mut other = TestBrowser::new(&server);
    assert_eq!(other.open(&path).await.0, 410);
    // Bea's link in Anna's browser asks for a confirmation first, and is not redeemed.
    let created = server.data(&server.acme.key, GENERATE, json!({"id": bea})).await;
    let token = created["generateMagicLink"]["url"]
        .as_str()
        .and_then(|url| url.rsplit('/').next())
        .expect("a token")
        .to_owned();
    let path = format!("/p/acme/link/{token}");
    assert_eq!(browser.redeem(&path).await, 200);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        1
    );
    assert_eq!(browser.submit(&path, &path, "&switch=yes").await, 303);
    assert_ne!(browser.cookies["vestibule_portal_acme"], cookie);
    assert_eq!(
        server
            .test
            .number("select count(*) from sessions where cookie_hash is not null and ended_at is null")
            .await,
        1
    );
    // A link of acme is invalid at another portal.
    let (anna, _) = generate(&server, None).await;
    assert_eq!(browser.open(&format!("/p/other/link/{anna}")).await.0, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_limited_to_a_section_opens_nothing_else() {
    let server = TestServer::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, section: COURSES, limitToSection: true}) { url } }";
    let token = async || {
        let created = server
            .data(
                &server.acme.key,
                make,
                json!({"id": server.acme.contact.to_string()}),
            )
            .await;
        created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned()
    };
    let mut browser = TestBrowser::new(&server);
    assert_eq!(
        browser.redeem(&format!("/p/acme/link/{}", token().await)).await,
        303
    );
    assert_eq!(browser.open("/p/acme/courses").await.0, 200);
    for path in ["communities", "affiliates", "", "profile"] {
        assert_eq!(browser.open(&format!("/p/acme/{path}")).await.0, 303, "{path}");
        let led = browser.location.clone().unwrap_or_default();
        assert!(led.starts_with("/p/acme/step-up"), "{path}: {led}");
    }
    let session = redeem(&server, &token().await).await;
    let mut access = session["session"]["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let mut refresh = session["session"]["refreshToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    for _ in 0..2 {
        let me = server.data(&access, "{ me { sections } }", json!({})).await;
        assert_eq!(me["me"]["sections"], json!(["COURSES"]));
        server.clock.advance(TimeDelta::minutes(5));
        let next =
            server.request(None, REFRESH, json!({"token": refresh})).await["data"]["refreshSession"]["session"]
                .clone();
        access = next["accessToken"].as_str().expect("a token").to_owned();
        refresh = next["refreshToken"].as_str().expect("a token").to_owned();
    }
    server.stop().await;
}
