//! What the provider answers, and what becomes of the message.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{NUMBER, at, contact_with, send_link, stopped, wait_for_status};
use crate::support::{Refusal, TestTwilio, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_decides_whether_the_text_is_retried_and_the_number_suppressed() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    for (number, refusal, status, suppressed) in [
        (
            "+4915112345601",
            Refusal::code(400, 21_610),
            "SUPPRESSED",
            json!("STOPPED"),
        ),
        (
            "+4915112345602",
            Refusal::code(400, 21_211),
            "BOUNCED",
            json!("BOUNCED"),
        ),
        (
            "+4915112345603",
            Refusal::code(500, 20_500),
            "DEFERRED",
            Value::Null,
        ),
        (
            "+4915112345604",
            Refusal::code(400, 21_408),
            "FAILED",
            Value::Null,
        ),
    ] {
        let contact = contact_with(&server, Some(number)).await;
        twilio.refuse_next(refusal);
        send_link(&server, &contact).await;
        let message = wait_for_status(&server, &contact, status).await;
        assert_eq!(message["attempts"], 1, "{number}");
        let error = message["lastError"].as_str().expect("a reason");
        assert!(!error.contains(&number[4..]), "{error}");
        let stops = stopped(&server, &contact).await;
        let reason = stops["smsSuppression"].get("reason").unwrap_or(&Value::Null);
        assert_eq!(*reason, suppressed, "{number}");
        assert_eq!(stops["suppression"], Value::Null, "email goes on");
    }
    assert!(twilio.received().is_empty());
    server.clock.advance(TimeDelta::seconds(10));
    wait_until("the retry", async || twilio.received().len() == 1).await;
    assert_eq!(twilio.received()[0].to, "+4915112345603");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_waits_as_long_as_the_provider_asks() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    twilio.refuse_next(Refusal {
        retry_after: Some(300),
        ..Refusal::code(429, 20_429)
    });
    send_link(&server, &contact).await;
    let message = wait_for_status(&server, &contact, "DEFERRED").await;
    assert_eq!(
        at(&message["nextAttemptAt"]),
        server.clock.moment().now + TimeDelta::seconds(300)
    );
    server.clock.advance(TimeDelta::seconds(300));
    let message = wait_for_status(&server, &contact, "SENT").await;
    assert_eq!(message["attempts"], 2);
    // The link's time begins with the sending that succeeded, and no second link was made.
    let expires = server.clock.moment().now + TimeDelta::minutes(10);
    assert_eq!(at(&message["magicLink"]["expiresAt"]), expires);
    assert_eq!(server.test.number("select count(*) from magic_links").await, 1);
    server.stop().await;
}

const INVITE: &str =
    "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: {emails: $emails}) { count } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_can_not_be_reached_stops_texts_and_no_emails() {
    let address = TestTwilio::closed_address();
    let server = TestTwilio::server(address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    send_link(&server, &contact).await;
    let message = wait_for_status(&server, &contact, "DEFERRED").await;
    assert_eq!(message["attempts"], 0, "it costs no attempt");
    let emails: Vec<String> = (0..20).map(|n| format!("person{n}@example.com")).collect();
    server
        .data(&server.acme.key, INVITE, json!({ "emails": emails }))
        .await;
    wait_until("the emails", async || server.mailbox.sent().len() == 20).await;

    let twilio = TestTwilio::open_at(address).await;
    server.clock.advance(TimeDelta::seconds(5));
    wait_for_status(&server, &contact, "SENT").await;
    assert_eq!(twilio.received().len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_can_not_be_reached_stops_no_texts() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let down = mailer::SendError::Unreachable {
        reason: "the mail server can't be reached".to_owned(),
    };
    server.mailbox.fail_next(1_000, down);
    let emails = json!({"emails": ["person@example.com"]});
    server.data(&server.acme.key, INVITE, emails).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("the email waits", async || {
        server.test.number(deferred).await == 1
    })
    .await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    send_link(&server, &contact).await;
    wait_for_status(&server, &contact, "SENT").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_holds_up_no_email() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    twilio.hold(true);
    for n in 10..40 {
        let contact = contact_with(&server, Some(&format!("+49151123456{n}"))).await;
        send_link(&server, &contact).await;
    }
    wait_until("in flight", async || twilio.waiting() >= 2).await;
    let emails: Vec<String> = (0..50).map(|n| format!("person{n}@example.com")).collect();
    server
        .data(&server.acme.key, INVITE, json!({ "emails": emails }))
        .await;
    wait_until("the emails", async || server.mailbox.sent().len() == 50).await;
    assert!(twilio.waiting() <= 8, "{} are in flight", twilio.waiting());
    assert!(twilio.received().is_empty());
    twilio.hold(false);
    wait_until("the texts", async || twilio.received().len() == 30).await;
    server.stop().await;
}
