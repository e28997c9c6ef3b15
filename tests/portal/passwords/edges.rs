//! Edge cases of passwords: attacks, races and disabled settings.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::resets::{request, request_for, reset, tokens, tokens_for};
use super::{
    ANNA, CHANGE, NEW_PASSWORD, PASSWORD, SET, SIGN_IN, change, reason, server_with_password, set, sign_in,
    sign_in_to, weaker_hash,
};
use crate::support::{Socket, TestServer};

const OWNER: &str = "owner@acme.example";

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_right_passwords_succeed_during_a_rehash() {
    let server = server_with_password().await;
    for _ in 0..5 {
        let kept = weaker_hash(PASSWORD);
        server
            .test
            .run(&format!("update passwords set hash = '{kept}'"))
            .await;
        let done = join_all((0..8).map(|_| sign_in(&server, ANNA, PASSWORD))).await;
        let refused: Vec<&str> = done
            .iter()
            .map(reason)
            .filter(|reason| *reason != "none")
            .collect();
        assert_eq!(refused, Vec::<&str>::new());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_set_concurrently_is_a_different_one() {
    let server = server_with_password().await;
    let at = "select set_at::text from passwords";
    let before = server.test.texts(at).await;
    // The clock does not advance.
    assert_eq!(
        change(&server, &server.acme.contact_session, PASSWORD, NEW_PASSWORD).await,
        "none"
    );
    assert_ne!(server.test.texts(at).await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_passwords_off_none_can_be_set_changed_reset_or_used_as_a_proof() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    server
        .test
        .run("update accounts set password_allowed = false")
        .await;
    let owner = &server.acme.owner;
    assert_eq!(set(&server, owner, PASSWORD).await, "METHOD_DISABLED");
    let person = &server.acme.contact_session;
    assert_eq!(
        change(&server, person, "wrong", NEW_PASSWORD).await,
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        change(&server, person, PASSWORD, NEW_PASSWORD).await,
        "METHOD_DISABLED"
    );
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "METHOD_DISABLED");
    let step_up =
        "mutation ($password: String) { stepUp(input: {password: $password}) { refusal { reason } } }";
    for (password, expected) in [("wrong", "INVALID_CREDENTIALS"), (PASSWORD, "METHOD_DISABLED")] {
        let done = server
            .data(person, step_up, json!({ "password": password }))
            .await;
        assert_eq!(reason(&done["stepUp"]), expected);
    }
    server.clock.advance(TimeDelta::minutes(2));
    request(&server, ANNA).await;
    assert_eq!(tokens(&server).await.len(), 1, "nothing is mailed");
    server
        .test
        .run("update accounts set password_allowed = true")
        .await;
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "LINK_SUPERSEDED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reset_does_not_consume_its_link() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    server
        .test
        .run("update accounts set password_allowed = false")
        .await;
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "METHOD_DISABLED");
    server
        .test
        .run("update accounts set password_allowed = true")
        .await;
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_password_is_enabled_only_by_email() {
    let server = server_with_password().await;
    server
        .test
        .run("update passwords set disabled_at = '2026-01-05T10:00:00Z'")
        .await;
    let person = &server.acme.contact_session;
    let refused = server
        .error(Some(person), SET, json!({ "new": NEW_PASSWORD }))
        .await;
    assert_eq!(refused.0, "CONFLICT");
    assert_eq!(
        change(&server, person, PASSWORD, NEW_PASSWORD).await,
        "TOO_MANY_ATTEMPTS"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_without_a_password_do_not_lock_the_first_one() {
    let server = TestServer::open().await;
    for _ in 0..10 {
        assert_eq!(
            reason(&sign_in(&server, ANNA, "guess").await),
            "INVALID_CREDENTIALS"
        );
    }
    assert_eq!(
        reason(&sign_in(&server, ANNA, "guess").await),
        "TOO_MANY_ATTEMPTS"
    );
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_to_change_a_password_count_as_sign_in_attempts() {
    let server = server_with_password().await;
    let person = &server.acme.contact_session;
    for _ in 0..5 {
        assert_eq!(
            change(&server, person, "wrong", NEW_PASSWORD).await,
            "INVALID_CREDENTIALS"
        );
        assert_eq!(
            reason(&sign_in(&server, ANNA, "wrong").await),
            "INVALID_CREDENTIALS"
        );
    }
    let refused = server
        .data(person, CHANGE, json!({"current": PASSWORD, "new": NEW_PASSWORD}))
        .await;
    assert_eq!(
        refused["changePassword"]["refusal"]["reason"],
        "TOO_MANY_ATTEMPTS"
    );
    assert_eq!(refused["changePassword"]["refusal"]["retryAfter"], 30);
    server.test.run("update sessions set section = 'COURSES'").await;
    server.clock.advance(TimeDelta::seconds(30));
    assert_eq!(
        change(&server, person, PASSWORD, NEW_PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_a_contact_and_a_team_member_gets_one_email_a_minute_in_total() {
    let server = TestServer::open().await;
    server
        .test
        .run("update contacts set email = 'owner@acme.example', email_key = 'owner@acme.example' where email_key = 'anna@acme.example'")
        .await;
    let to_somebody = "select count(*) from messages where kind = 'PASSWORD_RESET' and coalesce(contact_id, team_member_id) is not null";
    request_for(&server, OWNER, "PORTAL").await;
    request_for(&server, OWNER, "DASHBOARD").await;
    assert_eq!(server.test.number(to_somebody).await, 1);
    server.clock.advance(TimeDelta::seconds(60));
    request_for(&server, OWNER, "DASHBOARD").await;
    request_for(&server, OWNER, "PORTAL").await;
    assert_eq!(server.test.number(to_somebody).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_address_stays_invalid_when_the_address_is_restored() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    let change = "mutation ($id: ID!, $email: EmailAddress!) {
        updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    for email in ["a@new.example", ANNA] {
        let variables = json!({"id": server.acme.contact.to_string(), "email": email});
        server.data(&server.acme.key, change, variables).await;
        assert_eq!(
            reset(&server, &token, NEW_PASSWORD).await,
            "LINK_REVOKED",
            "{email}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_a_team_members_subscriptions_on_every_instance() {
    let server = TestServer::open().await;
    let beside = server.start_instance().await;
    assert_eq!(set(&server, &server.acme.owner, PASSWORD).await, "none");
    let mut sockets = Vec::new();
    for url in [&server.url, &beside.url] {
        let variables =
            json!({"portal": "acme", "email": OWNER, "password": PASSWORD, "audience": "DASHBOARD"});
        let answer = server.request_at(url, None, SIGN_IN, variables).await;
        let token = answer["data"]["signInWithPassword"]["session"]["accessToken"].as_str();
        let mut socket = Socket::at(url, token).await;
        socket.subscribe("subscription { portalStats { invited } }").await;
        socket.data().await;
        sockets.push(socket);
    }
    request_for(&server, OWNER, "DASHBOARD").await;
    let token = tokens_for(&server, "team_member_id")
        .await
        .pop()
        .expect("one reset");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    for mut socket in sockets {
        let ended = tokio::time::timeout(Duration::from_secs(2), socket.next()).await;
        assert_eq!(ended.expect("in time"), json!({ "close": 4403 }));
    }
    let done = sign_in_to(&server, "acme", OWNER, NEW_PASSWORD, "DASHBOARD").await;
    assert_eq!(reason(&done), "none");
    let other = sign_in_to(&server, "other", OWNER, NEW_PASSWORD, "DASHBOARD").await;
    assert_eq!(reason(&other), "INVALID_CREDENTIALS");
    beside.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_can_be_used_and_requested_concurrently() {
    let server = TestServer::open().await;
    for round in 0..15 {
        server.clock.advance(TimeDelta::minutes(13));
        request_for(&server, OWNER, "DASHBOARD").await;
        let token = tokens_for(&server, "team_member_id")
            .await
            .pop()
            .expect("a reset");
        server.clock.advance(TimeDelta::minutes(13));
        let new = format!("{NEW_PASSWORD} {round}");
        let (_, done) = join(
            request_for(&server, OWNER, "DASHBOARD"),
            reset(&server, &token, &new),
        )
        .await;
        assert!(
            ["none", "LINK_USED", "LINK_SUPERSEDED"].contains(&&done[..]),
            "{done}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_attempts_on_two_instances_ten_count() {
    let server = server_with_password().await;
    let beside = server.start_instance().await;
    let one = |alias: usize| {
        format!(
            "a{alias}: signInWithPassword(input: {{portal: \"acme\", email: \"{ANNA}\", password: \"guess {alias}\"}}) \
             {{ refusal {{ reason }} }}"
        )
    };
    let document = format!(
        "mutation {{ {} }}",
        (0..10).map(one).collect::<Vec<_>>().join(" ")
    );
    let urls = [&server.url, &beside.url];
    let sends = (0..100).map(|turn| server.request_at(urls[turn % 2], None, &document, json!({})));
    let answers: Vec<String> = join_all(sends).await.iter().map(Value::to_string).collect();
    let answers = answers.concat();
    let compared = answers.matches("INVALID_CREDENTIALS").count();
    let data = answers.matches("TOO_MANY_ATTEMPTS").count();
    assert_eq!((compared, compared + data), (10, 1_000), "{}", &answers[..300]);
    beside.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hashing_queue_is_reported_and_costs_no_attempt() {
    let server = server_with_password().await;
    let hasher = &server.sign_in().context.password_hasher;
    let mut permits = Vec::new();
    while let Ok(permit) = tokio::time::timeout(Duration::from_millis(100), hasher.permit()).await {
        permits.push(permit.expect("a permit"));
    }
    let variables = json!({"portal": "acme", "email": ANNA, "password": PASSWORD});
    let answer = server.request(None, SIGN_IN, variables).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(2))
    );
    assert_eq!(server.test.number("select count(*) from attempts").await, 0);
    drop(permits);
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}
