//! Magic links: single use, expiry, refusals and refreshes.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::attacks::TestBrowser;
use crate::support::{TestServer, wait_until};

mod switched_off;

const MAKE: &str = "mutation ($id: ID!, $minutes: Int, $section: PortalSection, $limit: Boolean, $replaces: ID) {
    generateMagicLink(input: {contactId: $id, expiresInMinutes: $minutes, section: $section, limitToSection: $limit, replaces: $replaces}) {
        url confirmation magicLink { id status } } }";
const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken refreshTokenExpiresAt } viewer { __typename } landingUrl refusal { reason retryAfter } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";

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
    let (token, _) = link(&server, json!({})).await;
    let mut browser = TestBrowser::new(&server);
    browser.redeem(&format!("/p/acme/link/{token}")).await;
    server.clock.advance(TimeDelta::seconds(12));
    assert_eq!(browser.open("/p/acme/profile").await.0, 200);
    wait_until("the use is recorded", async || {
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
