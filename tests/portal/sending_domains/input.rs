//! Bad input, other accounts, repeats.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Mailing, mutation};

fn at_domain(code: &str) -> (String, Option<String>) {
    (code.to_owned(), Some("input.domain".to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_domain_of_the_account_is_refused_and_changes_nothing() {
    let mailing = Mailing::open().await;
    let owner = &mailing.server.acme.owner;
    for text in [
        "",
        "portal@acme.example",
        "192.0.2.1",
        "[2001:db8::1]",
        "https://acme.example",
        "co.uk",
        "localhost",
        "acme..example",
        &"a.".repeat(120),
        "mail.server.example",
        "server.example",
    ] {
        assert_eq!(
            mailing.refused(owner, "set", text).await,
            at_domain("BAD_USER_INPUT"),
            "{text}"
        );
    }
    for verb in ["verify", "remove"] {
        assert_eq!(
            mailing.refused(owner, verb, "acme.example").await,
            at_domain("NOT_FOUND")
        );
    }
    mailing.change("set", "acme.example").await;
    for verb in ["verify", "remove"] {
        assert_eq!(
            mailing.refused(owner, verb, "other.example").await,
            at_domain("NOT_FOUND")
        );
        let foreign = mailing
            .refused(&mailing.server.other.owner, verb, "acme.example")
            .await;
        assert_eq!(foreign, at_domain("NOT_FOUND"));
    }
    assert_eq!(mailing.events().await.len(), 1);
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_at_once_both_get_the_key_that_stays() {
    let mailing = Mailing::open().await;
    let set = || mailing.change("set", "acme.example");
    let (one, two) = tokio::join!(set(), set());
    assert_eq!(one, two);
    assert_eq!(mailing.shown().await, one);
    assert_eq!(mailing.events().await.len(), 1);
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_domain_keeps_its_key_and_another_one_gets_a_new_key() {
    let mailing = Mailing::open().await;
    let verified = mailing.verified("acme.example").await;
    assert_eq!(mailing.change("set", "ACME.example").await, verified);
    let other = mailing.change("set", "mail.acme.example").await;
    assert_eq!(other["status"], "PENDING");
    assert_ne!(other["records"][0]["value"], verified["records"][0]["value"]);
    let back = mailing.change("set", "acme.example").await;
    assert_ne!(
        back["records"][0]["name"], verified["records"][0]["name"],
        "another selector"
    );
    assert_eq!(back["records"][0]["found"], json!([]));
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_belongs_to_the_account_that_verifies_it_first() {
    let mailing = Mailing::open().await;
    let other = &mailing.server.other.owner;
    // Waiting for a domain doesn't block it.
    mailing.run(other, "set", "acme.example").await;
    mailing.verified("acme.example").await;
    assert_eq!(
        mailing.refused(other, "set", "acme.example").await,
        at_domain("CONFLICT")
    );
    mailing
        .run(&mailing.server.acme.owner, "remove", "acme.example")
        .await;
    mailing.run(other, "set", "acme.example").await;
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_verify_at_once_one_is_told_of_the_other() {
    let mailing = Mailing::open().await;
    let (acme, other) = (&mailing.server.acme.owner, &mailing.server.other.owner);
    let foreign = mailing.run(other, "set", "acme.example").await["sendingDomain"].clone();
    mailing.publish(&mailing.change("set", "acme.example").await);
    let key = |name: &str| foreign["records"][0][name].as_str().expect("a text").to_owned();
    mailing.dns.add("TXT", &key("name"), &key("value"));
    let (one, two) = tokio::join!(
        mailing.run(acme, "verify", "acme.example"),
        mailing.run(other, "verify", "acme.example")
    );
    let domains = [one, two].map(|payload| payload["sendingDomain"].clone());
    let verified = domains.iter().filter(|domain| domain["status"] == "VERIFIED");
    assert_eq!(verified.count(), 1, "{domains:#?}");
    let told = "Another account has verified this domain.";
    assert!(
        domains.iter().any(|domain| domain["problem"] == told),
        "{domains:#?}"
    );
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_waits_ten_seconds_for_the_next_and_a_repeat_gets_the_first_response() {
    let mailing = Mailing::open().await;
    let owner = &mailing.server.acme.owner;
    mailing.change("set", "acme.example").await;
    let request = async |key: &str| {
        let body = json!({"query": mutation("verify").1, "variables": {"domain": "acme.example"}});
        let http = mailing
            .server
            .http
            .post(format!("{}/graphql", mailing.server.url));
        let sent = http
            .bearer_auth(owner)
            .header("Idempotency-Key", key)
            .json(&body)
            .send()
            .await;
        sent.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let first = request("one").await;
    assert_eq!(
        first["data"]["verifySendingDomain"]["sendingDomain"]["status"], "PENDING",
        "{first}"
    );
    assert_eq!(request("one").await, first);
    let soon = request("two").await;
    assert_eq!(soon["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{soon}");
    mailing.server.clock.advance(TimeDelta::seconds(10));
    assert_eq!(request("three").await["errors"], Value::Null);
    mailing.server.stop().await;
}
