//! Whom a token signs in: by the link, or by the verified address, which then is linked. Nobody is created.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{ANNA, Town, outcome};
use crate::support::until;

async fn count(town: &Town, query: &str) -> i64 {
    town.house
        .test
        .number(&format!("select count(*) from {query}"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_address_links_once_and_proves_the_mailbox() {
    let town = Town::open().await;
    let people = count(&town, "contacts").await;
    let answer = town
        .answer(&town.token(&json!({"email": "Anna@ACME.example"})))
        .await;
    assert_eq!(
        answer["data"]["signInWithGoogle"]["viewer"]["__typename"],
        "PortalUser"
    );
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN");
    assert_eq!(
        count(&town, "identities where subject = 'anna' and audience = 'PORTAL'").await,
        1
    );
    let linked = "audit_events where kind = 'GOOGLE_LINKED' and contact_id is not null and ip is not null";
    assert_eq!(count(&town, linked).await, 1, "from where is noted");
    let entered = "audit_events where kind = 'SIGNED_IN' and detail->>'method' = 'GOOGLE'";
    assert_eq!(count(&town, entered).await, 2);
    assert_eq!(
        count(
            &town,
            "contacts where email_proved_at is not null and joined_at is not null"
        )
        .await,
        1
    );
    for (portal, email) in [("acme", "nobody@acme.example"), ("other", ANNA)] {
        let token = town.token(&json!({"sub": email, "email": email}));
        let answer = town.answer_at(portal, "PORTAL", &token).await;
        assert_eq!(outcome(&answer), "INVALID_CREDENTIALS", "{portal}");
    }
    assert_eq!(count(&town, "contacts").await, people, "nobody is created");
    assert_eq!(count(&town, "identities").await, 1);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_signs_in_to_the_dashboard_only() {
    let town = Town::open().await;
    let owner = |town: &Town| town.token(&json!({"sub": "owner", "email": "owner@acme.example"}));
    let answer = town.answer_at("acme", "DASHBOARD", &owner(&town)).await;
    assert_eq!(
        answer["data"]["signInWithGoogle"]["viewer"]["__typename"], "TeamMember",
        "{answer}"
    );
    assert_eq!(
        town.outcome(&owner(&town)).await,
        "INVALID_CREDENTIALS",
        "at the portal"
    );
    let anna = town.answer_at("acme", "DASHBOARD", &town.token(&json!({}))).await;
    assert_eq!(outcome(&anna), "INVALID_CREDENTIALS");
    let linked = "audit_events where kind = 'GOOGLE_LINKED' and subject like 'member_%'";
    assert_eq!(count(&town, linked).await, 1, "on whom is noted");
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_the_address_and_only_the_new_one_links_anew() {
    let town = Town::open().await;
    let house = &town.house;
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN");
    move_anna(&town, "new@acme.example").await;
    assert_eq!(
        town.outcome(&town.token(&json!({}))).await,
        "INVALID_CREDENTIALS",
        "neither by the subject nor by the old address"
    );
    let anew = town.token(&json!({"email": "new@acme.example"}));
    assert_eq!(town.outcome(&anew).await, "IN");
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN", "linked anew");
    let proved = "contacts where email_proved_at is not null and email = 'new@acme.example'";
    assert_eq!(count(&town, proved).await, 1);
    // What was linked before the first proof of the mailbox counts no more.
    house.clock.advance(TimeDelta::minutes(1));
    let late = format!("update contacts set email_proved_at = '{}'", house.clock.now());
    house.test.run(&late).await;
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "INVALID_CREDENTIALS");
    town.stop().await;
}

async fn move_anna(town: &Town, email: &str) {
    let change = "mutation ($id: ID!, $email: EmailAddress!) {
        updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    let id = town.house.acme.contact.to_string();
    let input = json!({"id": id, "email": email});
    town.house.ask(&town.house.acme.key, change, input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_goes_at_the_moment_of_its_use_signs_nobody_in() {
    let town = Town::open().await;
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN", "it is linked");
    let id = town.house.acme.contact.0;
    let mut conn = town.house.test.db.conn().await.expect("a connection");
    let hold = format!("begin; select 1 from contacts where id = '{id}' for no key update");
    conn.batch_execute(&hold).await.expect("the contact is held");
    let token = town.token(&json!({"email": null}));
    let unlink = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        until("the sign-in waits for the contact", async || {
            town.house.test.number(waits).await == 1
        })
        .await;
        let unlink = "delete from identities; commit";
        conn.batch_execute(unlink).await.expect("it is unlinked");
    };
    let (outcome, ()) = join(town.outcome(&token), unlink).await;
    assert_eq!(outcome, "GOOGLE_EMAIL_UNVERIFIED");
    drop(conn);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_or_revoked_is_said_after_the_proof_was_right() {
    let town = Town::open().await;
    let wrong = |town: &Town| town.token(&json!({"nonce": "another"}));
    let unknown = |town: &Town| town.token(&json!({"sub": "x", "email": "nobody@acme.example"}));
    for (statement, wanted) in [
        ("update accounts set google_allowed = false", "METHOD_DISABLED"),
        (
            "update contacts set revoked_at = '2026-01-05T10:00:00Z'",
            "ACCESS_REVOKED",
        ),
    ] {
        town.house.test.run(statement).await;
        assert_eq!(town.outcome(&town.token(&json!({}))).await, wanted);
        assert_eq!(town.outcome(&wrong(&town)).await, "INVALID_CREDENTIALS");
        assert_eq!(town.outcome(&unknown(&town)).await, "INVALID_CREDENTIALS");
        let noted = format!(
            "audit_events where kind = 'SIGN_IN_REFUSED' and outcome = '{wanted}' and contact_id is not null"
        );
        assert_eq!(count(&town, &noted).await, 1);
    }
    assert_eq!(count(&town, "identities").await, 0, "nothing was linked");
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_is_the_same_refusal_whoever_has_it() {
    let town = Town::open().await;
    let token =
        |email: Value, verified: Value| town.token(&json!({"email": email, "email_verified": verified}));
    let tries = [
        (json!(ANNA), json!(false)),
        (json!(ANNA), json!("false")),
        (json!(ANNA), json!(null)),
        (json!("nobody@acme.example"), json!(false)),
        (json!(null), json!(true)),
        (json!("no address"), json!(true)),
    ];
    let mut told = Vec::new();
    for (email, verified) in tries {
        let answer = town.answer(&token(email, verified)).await;
        assert_eq!(outcome(&answer), "GOOGLE_EMAIL_UNVERIFIED", "{answer}");
        told.push(answer);
    }
    assert!(told.iter().all(|answer| answer == &told[0]), "{told:?}");
    assert_eq!(town.outcome(&token(json!(ANNA), json!("true"))).await, "IN");
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_hundred_failed_tries_of_a_source_none_is_taken() {
    let town = Town::open().await;
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN");
    assert_eq!(town.outcome("no token").await, "INVALID_CREDENTIALS");
    town.house
        .test
        .run("update attempts set failed_count = 299")
        .await;
    assert_eq!(
        town.outcome(&town.token(&json!({}))).await,
        "IN",
        "the three hundredth, given back"
    );
    assert_eq!(town.outcome("no token").await, "INVALID_CREDENTIALS");
    let answer = town.answer(&town.token(&json!({}))).await;
    assert_eq!(outcome(&answer), "TOO_MANY_ATTEMPTS");
    let refusal = &answer["data"]["signInWithGoogle"]["refusal"];
    assert_eq!(refusal["retryAfter"], 3600);
    town.house.clock.advance(TimeDelta::seconds(3600));
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN");
    town.stop().await;
}
