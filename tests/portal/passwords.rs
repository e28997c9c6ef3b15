//! Passwords: who may set one, the limits of attempts, and resets.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestServer;

mod edges;
mod guessing;
pub mod resets;
mod unknown;

const SIGN_IN: &str = "mutation ($portal: String!, $email: EmailAddress!, $password: String!, $audience: Audience) {
    signInWithPassword(input: {portal: $portal, email: $email, password: $password, audience: $audience}) {
        session { accessToken refreshToken } viewer { __typename } landingUrl refusal { reason message retryAfter } } }";
const SET: &str =
    "mutation ($new: String!) { setPassword(input: {newPassword: $new}) { refusal { reason } } }";
const CHANGE: &str = "mutation ($current: String!, $new: String!) {
    changePassword(input: {currentPassword: $current, newPassword: $new}) { refusal { reason retryAfter } } }";

pub const ANNA: &str = "anna@acme.example";
pub const PASSWORD: &str = "three green elephants";
pub const NEW_PASSWORD: &str = "seven quiet lighthouses";

pub async fn sign_in(server: &TestServer, email: &str, password: &str) -> Value {
    sign_in_to(server, "acme", email, password, "PORTAL").await
}

pub async fn sign_in_to(
    server: &TestServer,
    portal: &str,
    email: &str,
    password: &str,
    audience: &str,
) -> Value {
    let variables = json!({"portal": portal, "email": email, "password": password, "audience": audience});
    let answer = server.request(None, SIGN_IN, variables).await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["data"]["signInWithPassword"].clone()
}

pub fn reason(payload: &Value) -> &str {
    payload["refusal"]["reason"].as_str().unwrap_or("none")
}

pub async fn set(server: &TestServer, credential: &str, new: &str) -> String {
    let done = server.data(credential, SET, json!({ "new": new })).await;
    reason(&done["setPassword"]).to_owned()
}

async fn change(server: &TestServer, credential: &str, current: &str, new: &str) -> String {
    let done = server
        .data(credential, CHANGE, json!({"current": current, "new": new}))
        .await;
    reason(&done["changePassword"]).to_owned()
}

/// A server where Anna has set a password.
pub async fn server_with_password() -> TestServer {
    let server = TestServer::open().await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_sets_a_password_and_signs_in_with_it() {
    let server = server_with_password().await;
    let done = sign_in(&server, "Anna@ACME.example", PASSWORD).await;
    assert_eq!(done["refusal"], Value::Null);
    assert_eq!(done["viewer"]["__typename"], "PortalUser");
    let token = done["session"]["accessToken"].as_str().expect("a token");
    let me = server.data(token, "{ me { email } }", json!({})).await;
    assert_eq!(me["me"]["email"], ANNA);
    let joined = "select count(*) from contacts where joined_at is not null";
    assert_eq!(server.test.number(joined).await, 1);
    for (email, password) in [
        (ANNA, "three green elephant"),
        (ANNA, ""),
        ("nobody@acme.example", PASSWORD),
        ("owner@acme.example", PASSWORD),
    ] {
        let refused = sign_in(&server, email, password).await;
        assert_eq!(reason(&refused), "INVALID_CREDENTIALS", "{email}");
        assert_eq!(refused["session"], Value::Null);
    }
    let elsewhere = sign_in_to(&server, "other", ANNA, PASSWORD, "PORTAL").await;
    assert_eq!(reason(&elsewhere), "INVALID_CREDENTIALS");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_signs_in_to_the_dashboard_and_not_to_the_portal() {
    let server = TestServer::open().await;
    assert_eq!(set(&server, &server.acme.owner, PASSWORD).await, "none");
    let done = sign_in_to(&server, "acme", "owner@acme.example", PASSWORD, "DASHBOARD").await;
    assert_eq!(done["viewer"]["__typename"], "TeamMember");
    let token = done["session"]["accessToken"].as_str().expect("a token");
    server.data(token, "{ portalStats { invited } }", json!({})).await;
    let portal = sign_in(&server, "owner@acme.example", PASSWORD).await;
    assert_eq!(reason(&portal), "INVALID_CREDENTIALS");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_a_password_needs_a_proof_of_the_last_ten_minutes_that_staff_has_not_seen() {
    let server = TestServer::open().await;
    server.clock.advance(TimeDelta::seconds(9 * 60 + 59));
    assert_eq!(
        set(&server, &server.acme.contact_session, "short").await,
        "PASSWORD_TOO_SHORT"
    );
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        set(&server, &server.acme.contact_session, PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    server.stop().await;

    let server = TestServer::open().await;
    server.test.run("update sessions set proved_at = null").await;
    assert_eq!(
        set(&server, &server.acme.contact_session, PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    let ago = "update sessions set proved_at = '2026-01-05T09:50:00Z'";
    server.test.run(ago).await;
    assert_eq!(
        set(&server, &server.acme.contact_session, PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    server
        .test
        .run("update sessions set proved_at = '2026-01-05T09:50:01Z'")
        .await;
    server.test.run("update sessions set section = 'COURSES'").await;
    assert_eq!(
        set(&server, &server.acme.contact_session, PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    server.test.run("update sessions set section = null").await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    let twice = server
        .error(
            Some(&server.acme.contact_session),
            SET,
            json!({ "new": NEW_PASSWORD }),
        )
        .await;
    assert_eq!(twice.0, "CONFLICT");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_must_be_long_uncommon_and_not_a_name() {
    let server = TestServer::open().await;
    for (text, expected) in [
        ("fourteen chars", "PASSWORD_TOO_SHORT"),
        ("passwordpassword", "PASSWORD_TOO_COMMON"),
        ("anna@acme.example", "PASSWORD_NAMES_ACCOUNT"),
    ] {
        assert_eq!(
            set(&server, &server.acme.contact_session, text).await,
            expected,
            "{text}"
        );
    }
    let long = "x".repeat(1025);
    let refused = server
        .error(Some(&server.acme.contact_session), SET, json!({ "new": long }))
        .await;
    assert_eq!(
        refused,
        ("BAD_USER_INPUT".to_owned(), Some("input.newPassword".to_owned()))
    );
    server.test.run("update accounts set shortest_password = 8").await;
    assert_eq!(
        set(&server, &server.acme.contact_session, "q7#Lw2!").await,
        "PASSWORD_TOO_SHORT"
    );
    let odd = "nul\u{0}l\u{e9}phant 🐘🌵🎈";
    assert_eq!(set(&server, &server.acme.contact_session, odd).await, "none");
    assert_eq!(reason(&sign_in(&server, ANNA, odd).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_password_ends_the_other_sessions_and_sends_an_email() {
    let server = server_with_password().await;
    let other = sign_in(&server, ANNA, PASSWORD).await;
    let other = other["session"]["refreshToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let person = &server.acme.contact_session;
    assert_eq!(
        change(&server, person, NEW_PASSWORD, NEW_PASSWORD).await,
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        change(&server, person, PASSWORD, "short").await,
        "PASSWORD_TOO_SHORT"
    );
    assert_eq!(change(&server, person, PASSWORD, NEW_PASSWORD).await, "none");
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(reason(&sign_in(&server, ANNA, NEW_PASSWORD).await), "none");
    let refresh =
        "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) { refusal { reason } } }";
    let answer = server.request(None, refresh, json!({ "token": other })).await;
    assert_eq!(
        answer["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    server.data(person, "{ me { id } }", json!({})).await;
    let data = "select count(*) from messages where kind = 'PASSWORD_CHANGED'";
    assert_eq!(server.test.number(data).await, 2, "set, and changed");
    let written = "select count(*) from audit_events where kind in ('PASSWORD_SET', 'PASSWORD_CHANGED')";
    assert_eq!(server.test.number(written).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_methods_and_revoked_access_are_reported_only_after_the_right_password() {
    let server = server_with_password().await;
    server
        .test
        .run("update accounts set password_allowed = false")
        .await;
    assert_eq!(
        reason(&sign_in(&server, ANNA, NEW_PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "METHOD_DISABLED");
    server
        .test
        .run("update accounts set password_allowed = true")
        .await;
    server
        .test
        .run("update contacts set revoked_at = '2026-01-05T10:00:00Z'")
        .await;
    assert_eq!(
        reason(&sign_in(&server, ANNA, NEW_PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "ACCESS_REVOKED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_proof_of_a_mailbox_removes_an_older_password() {
    let server = server_with_password().await;
    server
        .test
        .run("update contacts set email_proved_at = '2026-01-05T10:00:00.000001Z'")
        .await;
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    server
        .test
        .run("update contacts set email_proved_at = '2026-01-05T10:00:00Z'")
        .await;
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_with_a_weaker_hash_is_rehashed() {
    let server = server_with_password().await;
    let before = server.test.texts("select hash from passwords").await;
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    assert_eq!(server.test.texts("select hash from passwords").await, before);
    let kept = weaker_hash(PASSWORD);
    server
        .test
        .run(&format!("update passwords set hash = '{kept}'"))
        .await;
    assert_eq!(
        reason(&sign_in(&server, ANNA, NEW_PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        server.test.texts("select hash from passwords").await,
        [Some(kept.clone())]
    );
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    let after = server.test.texts("select hash from passwords").await;
    assert!(
        after[0].as_deref().is_some_and(|hash| hash.contains("m=64,t=1")),
        "{after:?}"
    );
    assert_eq!(reason(&sign_in(&server, ANNA, PASSWORD).await), "none");
    server.stop().await;
}

/// A hash with less memory than the server's parameters.
fn weaker_hash(password: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let params = Params::new(8, 1, 1, None).expect("the least there is");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: argon2::password_hash::phc::PasswordHash = argon2
        .hash_password_with_salt(password.as_bytes(), b"sixteen bytes ok")
        .expect("a hash");
    hash.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_signed_in_contact_or_member_can_set_a_password() {
    let server = TestServer::open().await;
    let new = || json!({ "new": PASSWORD });
    assert_eq!(server.error(None, SET, new()).await.0, "UNAUTHENTICATED");
    assert_eq!(
        server.error(Some(&server.acme.key), SET, new()).await.0,
        "FORBIDDEN"
    );
    let change = json!({"current": PASSWORD, "new": NEW_PASSWORD});
    assert_eq!(
        server.error(None, CHANGE, change.clone()).await.0,
        "UNAUTHENTICATED"
    );
    assert_eq!(
        server.error(Some(&server.acme.key), CHANGE, change).await.0,
        "FORBIDDEN"
    );
    server.stop().await;
}
