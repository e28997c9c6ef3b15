//! Password resets by email: valid for thirty minutes, once, the newest only; a reset ends all sessions and does not sign
//! in.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::ids::PasswordResetId;
use vestibule::sign_in::password::model::reset::PasswordReset;

use super::{ANNA, NEW_PASSWORD, PASSWORD, reason, server_with_password, sign_in};
use crate::support::TestServer;

const REQUEST: &str = "mutation ($email: EmailAddress!, $audience: Audience) {
    requestPasswordReset(input: {portal: \"acme\", email: $email, audience: $audience}) { accepted } }";
const RESET: &str = "mutation ($token: String!, $new: String!) {
    resetPassword(input: {token: $token, newPassword: $new}) { refusal { reason } } }";

pub async fn request(server: &TestServer, email: &str) {
    request_for(server, email, "PORTAL").await;
}

pub async fn request_for(server: &TestServer, email: &str, audience: &str) {
    let variables = json!({"email": email, "audience": audience});
    let answer = server.request(None, REQUEST, variables).await;
    assert_eq!(
        answer,
        json!({"data": {"requestPasswordReset": {"accepted": true}}})
    );
}

/// The tokens of a contact's resets, oldest first.
pub async fn tokens(server: &TestServer) -> Vec<String> {
    tokens_for(server, "contact_id").await
}

/// The same, by the column of the recipient.
pub async fn tokens_for(server: &TestServer, caller: &str) -> Vec<String> {
    let ids = server
        .test
        .texts(&format!(
            "select about::text from messages where kind = 'PASSWORD_RESET' and {caller} is not null order by id"
        ))
        .await;
    ids.into_iter()
        .flatten()
        .map(|id| {
            let id = PasswordResetId(id.parse().expect("a uuid"));
            PasswordReset::secret(&server.keys.reset, server.acme.id, id).reveal()
        })
        .collect()
}

pub async fn reset(server: &TestServer, token: &str, new: &str) -> String {
    let answer = server
        .request(None, RESET, json!({"token": token, "new": new}))
        .await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    reason(&answer["data"]["resetPassword"]).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_sets_the_password_ends_all_sessions_and_does_not_sign_in() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    assert_eq!(reset(&server, &token, "short").await, "PASSWORD_TOO_SHORT");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "LINK_USED");
    let gone = server
        .error(Some(&server.acme.contact_session), "{ me { id } }", json!({}))
        .await;
    assert_eq!(gone.0, "UNAUTHENTICATED", "its session was ended");
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(reason(&sign_in(&server, ANNA, NEW_PASSWORD).await), "none");
    let proved = "select count(*) from contacts where email_proved_at is not null";
    assert_eq!(server.test.number(proved).await, 1, "who reset it reads the mail");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_enables_a_disabled_password() {
    let server = server_with_password().await;
    server
        .test
        .run("update passwords set disabled_at = '2026-01-05T10:00:00Z'; update attempts set failed_count = 100")
        .await;
    for _ in 0..3 {
        sign_in(&server, ANNA, "wrong").await;
    }
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "TOO_MANY_ATTEMPTS"
    );
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    assert_eq!(reason(&sign_in(&server, ANNA, NEW_PASSWORD).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_valid_for_thirty_minutes() {
    let server = server_with_password().await;
    for (seconds, expected) in [(30 * 60 - 1, "none"), (30 * 60, "LINK_EXPIRED")] {
        request(&server, ANNA).await;
        let token = tokens(&server).await.pop().expect("a reset");
        server.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(reset(&server, &token, NEW_PASSWORD).await, expected);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_reset_is_valid_and_one_a_minute_and_five_an_hour_are_emailed() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    request(&server, ANNA).await;
    server.clock.advance(TimeDelta::seconds(59));
    request(&server, ANNA).await;
    assert_eq!(tokens(&server).await.len(), 1, "one a minute");
    for mailed in 2..=5 {
        server.clock.advance(TimeDelta::seconds(60));
        request(&server, ANNA).await;
        assert_eq!(tokens(&server).await.len(), mailed);
    }
    server.clock.advance(TimeDelta::seconds(60));
    request(&server, ANNA).await;
    let sent = tokens(&server).await;
    assert_eq!(sent.len(), 5, "five an hour");
    assert_eq!(reset(&server, &sent[3], NEW_PASSWORD).await, "LINK_SUPERSEDED");
    assert_eq!(
        reset(&server, &sent[4], NEW_PASSWORD).await,
        "none",
        "what was not mailed ends nothing"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_uses_succeed_once() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    let uses = (0..20).map(|use_| {
        let (server, token) = (&server, &token);
        async move { reset(server, token, &format!("{NEW_PASSWORD} {use_}")).await }
    });
    let done = join_all(uses).await;
    assert_eq!(
        done.iter().filter(|outcome| *outcome == "none").count(),
        1,
        "{done:?}"
    );
    assert_eq!(
        done.iter().filter(|outcome| *outcome == "LINK_USED").count(),
        19,
        "{done:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_ends_a_reset_and_an_invalid_token_is_reported() {
    let server = server_with_password().await;
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("one reset");
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"a@new.example\"}) { contact { id } } }";
    server
        .data(
            &server.acme.key,
            change,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "LINK_REVOKED");
    let foreign = token.replacen(&server.acme.id.suffix(), &server.other.id.suffix(), 1);
    for bad in [
        "",
        "reset_no",
        &token[..token.len() - 1],
        &foreign,
        &format!("{token}\u{0}"),
    ] {
        assert_eq!(reset(&server, bad, NEW_PASSWORD).await, "LINK_INVALID");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_leaves_the_same_audit_events_and_staff_does_not_see_them() {
    let server = server_with_password().await;
    for email in [ANNA, "nobody@acme.example"] {
        request(&server, email).await;
    }
    let kept = "select count(*) from password_resets where mailed";
    assert_eq!(server.test.number(kept).await, 2);
    let listed = server
        .data(&server.acme.key, "{ messages { nodes { kind } } }", json!({}))
        .await;
    let kinds: Vec<&Value> = listed["messages"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let resets = kinds
        .iter()
        .filter(|node| node["kind"] == "PASSWORD_RESET")
        .count();
    assert_eq!(resets, 1, "staff sees the one to a contact");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_may_request_a_hundred_emails_an_hour() {
    let server = TestServer::open().await;
    for asked in 0..100 {
        request(&server, &format!("nobody{asked}@acme.example")).await;
    }
    let answer = server.request(None, REQUEST, json!({ "email": ANNA })).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(3_600))
    );
    server.clock.advance(TimeDelta::hours(1));
    request(&server, ANNA).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_emailed_to_the_stored_address() {
    let server = server_with_password().await;
    request(&server, "ANNA@Acme.Example").await;
    let to = "select string_agg(address, ' ') from messages where kind = 'PASSWORD_RESET'";
    assert_eq!(server.test.texts(to).await, [Some(ANNA.to_owned())]);
    server.stop().await;
}
