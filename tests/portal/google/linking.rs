//! Whom a token signs in: by the link, or by the verified address, which then is linked. Nobody is created.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ANNA, Town, outcome};

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
async fn a_link_outlives_the_address_until_somebody_proves_the_new_mailbox() {
    let town = Town::open().await;
    let house = &town.house;
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN");
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"new@acme.example\"}) { contact { id } } }";
    let id = json!({"id": house.acme.contact.to_string()});
    house.ask(&house.acme.key, change, id).await;
    let proved = "contacts where email_proved_at is not null and email = 'new@acme.example'";
    assert_eq!(
        town.outcome(&town.token(&json!({}))).await,
        "IN",
        "by the subject"
    );
    assert_eq!(
        count(&town, proved).await,
        0,
        "which proves nothing of the new mailbox"
    );
    house.clock.advance(TimeDelta::minutes(1));
    let asked = house.ask_code("new@acme.example").await;
    assert!(!house.with_right_code(&asked).await["session"].is_null());
    assert_eq!(count(&town, proved).await, 1);
    let stripped = town.outcome(&town.token(&json!({}))).await;
    assert_eq!(
        stripped, "INVALID_CREDENTIALS",
        "whoever linked it need not be who reads that mail"
    );
    let anew = town.token(&json!({"email": "new@acme.example"}));
    assert_eq!(town.outcome(&anew).await, "IN");
    assert_eq!(town.outcome(&town.token(&json!({}))).await, "IN", "linked anew");
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
