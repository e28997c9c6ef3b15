//! Whom a token signs in: by the linked identity, or by the verified address, which is linked then. No contact is created.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{ANNA, GoogleTest, outcome};
use crate::support::wait_until;

async fn count(google: &GoogleTest, query: &str) -> i64 {
    google
        .server
        .test
        .number(&format!("select count(*) from {query}"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_address_links_once_and_proves_the_mailbox() {
    let google = GoogleTest::open().await;
    let people = count(&google, "contacts").await;
    let answer = google
        .answer(&google.token(&json!({"email": "Anna@ACME.example"})))
        .await;
    assert_eq!(
        answer["data"]["signInWithGoogle"]["viewer"]["__typename"],
        "PortalUser"
    );
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    assert_eq!(
        count(
            &google,
            "identities where subject = 'anna' and audience = 'PORTAL'"
        )
        .await,
        1
    );
    let linked = "audit_events where kind = 'GOOGLE_LINKED' and contact_id is not null and ip is not null";
    assert_eq!(count(&google, linked).await, 1, "from where is noted");
    let entered = "audit_events where kind = 'SIGNED_IN' and detail->>'method' = 'GOOGLE'";
    assert_eq!(count(&google, entered).await, 2);
    assert_eq!(
        count(
            &google,
            "contacts where email_proved_at is not null and joined_at is not null"
        )
        .await,
        1
    );
    for (portal, email) in [("acme", "nobody@acme.example"), ("other", ANNA)] {
        let token = google.token(&json!({"sub": email, "email": email}));
        let answer = google.answer_at(portal, "PORTAL", &token).await;
        assert_eq!(outcome(&answer), "INVALID_CREDENTIALS", "{portal}");
    }
    assert_eq!(count(&google, "contacts").await, people, "nobody is created");
    assert_eq!(count(&google, "identities").await, 1);
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_signs_in_to_the_dashboard_only() {
    let google = GoogleTest::open().await;
    let owner = |google: &GoogleTest| google.token(&json!({"sub": "owner", "email": "owner@acme.example"}));
    let answer = google.answer_at("acme", "DASHBOARD", &owner(&google)).await;
    assert_eq!(
        answer["data"]["signInWithGoogle"]["viewer"]["__typename"], "TeamMember",
        "{answer}"
    );
    assert_eq!(
        google.outcome(&owner(&google)).await,
        "INVALID_CREDENTIALS",
        "at the portal"
    );
    let anna = google
        .answer_at("acme", "DASHBOARD", &google.token(&json!({})))
        .await;
    assert_eq!(outcome(&anna), "INVALID_CREDENTIALS");
    let linked = "audit_events where kind = 'GOOGLE_LINKED' and subject like 'member_%'";
    assert_eq!(count(&google, linked).await, 1, "on whom is noted");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_identity_ends_with_the_address_and_only_the_new_address_links_again() {
    let google = GoogleTest::open().await;
    let server = &google.server;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    move_anna(&google, "new@acme.example").await;
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "INVALID_CREDENTIALS",
        "neither by the subject nor by the old address"
    );
    let anew = google.token(&json!({"email": "new@acme.example"}));
    assert_eq!(google.outcome(&anew).await, "IN");
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "IN",
        "linked anew"
    );
    let proved = "contacts where email_proved_at is not null and email = 'new@acme.example'";
    assert_eq!(count(&google, proved).await, 1);
    // Identities linked before the first proof of the mailbox are no longer valid.
    server.clock.advance(TimeDelta::minutes(1));
    let late = format!("update contacts set email_proved_at = '{}'", server.clock.now());
    server.test.run(&late).await;
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "INVALID_CREDENTIALS"
    );
    google.stop().await;
}

async fn move_anna(google: &GoogleTest, email: &str) {
    let change = "mutation ($id: ID!, $email: EmailAddress!) {
        updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    let id = google.server.acme.contact.to_string();
    let input = json!({"id": id, "email": email});
    google.server.data(&google.server.acme.key, change, input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_unlinked_during_its_use_signs_nobody_in() {
    let google = GoogleTest::open().await;
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "IN",
        "it is linked"
    );
    let id = google.server.acme.contact.0;
    let mut conn = google.server.test.db.conn().await.expect("a connection");
    let hold = format!("begin; select 1 from contacts where id = '{id}' for no key update");
    conn.batch_execute(&hold).await.expect("the contact is held");
    let token = google.token(&json!({"email": null}));
    let unlink = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        wait_until("the sign-in waits for the contact", async || {
            google.server.test.number(waits).await == 1
        })
        .await;
        let unlink = "delete from identities; commit";
        conn.batch_execute(unlink).await.expect("it is unlinked");
    };
    let (outcome, ()) = join(google.outcome(&token), unlink).await;
    assert_eq!(outcome, "GOOGLE_EMAIL_UNVERIFIED");
    drop(conn);
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_methods_and_revoked_access_are_reported_only_after_a_valid_proof() {
    let google = GoogleTest::open().await;
    let wrong = |google: &GoogleTest| google.token(&json!({"nonce": "another"}));
    let unknown = |google: &GoogleTest| google.token(&json!({"sub": "x", "email": "nobody@acme.example"}));
    for (statement, wanted) in [
        ("update accounts set google_allowed = false", "METHOD_DISABLED"),
        (
            "update contacts set revoked_at = '2026-01-05T10:00:00Z'",
            "ACCESS_REVOKED",
        ),
    ] {
        google.server.test.run(statement).await;
        assert_eq!(google.outcome(&google.token(&json!({}))).await, wanted);
        assert_eq!(google.outcome(&wrong(&google)).await, "INVALID_CREDENTIALS");
        assert_eq!(google.outcome(&unknown(&google)).await, "INVALID_CREDENTIALS");
        let noted = format!(
            "audit_events where kind = 'SIGN_IN_REFUSED' and outcome = '{wanted}' and contact_id is not null"
        );
        assert_eq!(count(&google, &noted).await, 1);
    }
    assert_eq!(count(&google, "identities").await, 0, "nothing was linked");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_gets_the_same_refusal_for_every_owner() {
    let google = GoogleTest::open().await;
    let token =
        |email: Value, verified: Value| google.token(&json!({"email": email, "email_verified": verified}));
    let tries = [
        (json!(ANNA), json!(false)),
        (json!(ANNA), json!("false")),
        (json!(ANNA), json!(null)),
        (json!("nobody@acme.example"), json!(false)),
        (json!(null), json!(true)),
        (json!("no address"), json!(true)),
    ];
    let mut data = Vec::new();
    for (email, verified) in tries {
        let answer = google.answer(&token(email, verified)).await;
        assert_eq!(outcome(&answer), "GOOGLE_EMAIL_UNVERIFIED", "{answer}");
        data.push(answer);
    }
    assert!(data.iter().all(|answer| answer == &data[0]), "{data:?}");
    assert_eq!(google.outcome(&token(json!(ANNA), json!("true"))).await, "IN");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_refused_after_three_hundred_failed_attempts() {
    let google = GoogleTest::open().await;
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    assert_eq!(google.outcome("no token").await, "INVALID_CREDENTIALS");
    google
        .server
        .test
        .run("update attempts set failed_count = 299")
        .await;
    assert_eq!(
        google.outcome(&google.token(&json!({}))).await,
        "IN",
        "the three hundredth, given back"
    );
    assert_eq!(google.outcome("no token").await, "INVALID_CREDENTIALS");
    let answer = google.answer(&google.token(&json!({}))).await;
    assert_eq!(outcome(&answer), "TOO_MANY_ATTEMPTS");
    let refusal = &answer["data"]["signInWithGoogle"]["refusal"];
    assert_eq!(refusal["retryAfter"], 3600);
    google.server.clock.advance(TimeDelta::seconds(3600));
    assert_eq!(google.outcome(&google.token(&json!({}))).await, "IN");
    google.stop().await;
}
