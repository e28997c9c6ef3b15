//! STOP, START and HELP.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{NUMBER, contact_with, send_link, stopped};
use crate::support::{Callback, TestServer, TestTwilio, provider_id};

const RESUME: &str =
    "mutation ($id: ID!, $channel: Channel) { resumeMail(input: {contactId: $id, channel: $channel}) {
    contact { id } } }";
const TIMELINE: &str = "query ($id: ID!) { contact(id: $id) { timeline { nodes { kind by } } } }";

fn reply(account: &str, id: usize, body: &str) -> Callback {
    let fields = [
        ("MessageSid", &*provider_id(id)),
        ("From", NUMBER),
        ("To", "+15005550006"),
        ("Body", body),
    ];
    Callback::new(&format!("/hooks/twilio/{account}/incoming"), &fields)
}

async fn kinds(server: &TestServer, contact: &Value) -> Vec<Value> {
    let found = server
        .data(&server.acme.read_key, TIMELINE, json!({ "id": contact }))
        .await;
    let nodes = found["contact"]["timeline"]["nodes"].as_array().expect("events");
    nodes
        .iter()
        .filter(|event| {
            event["kind"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("SMS_"))
        })
        .cloned()
        .collect()
}

async fn reason(server: &TestServer, contact: &Value) -> Value {
    stopped(server, contact).await["smsSuppression"]["reason"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_start_count_once_and_staff_can_not_lift_a_stop() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    let answer = reply("acme", 1, " Stop. ").send(&server).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
    assert_eq!(answer.headers().get("set-cookie"), None);
    let body = answer.text().await.expect("TwiML");
    assert!(body.trim_end().ends_with("<Response></Response>"), "{body}");
    assert_eq!(reason(&server, &contact).await, "STOPPED");
    assert_eq!(
        send_link(&server, &contact).await["skipped"]["reason"],
        "SUPPRESSED"
    );

    let sms = json!({"id": contact, "channel": "SMS"});
    let refused = server.error(Some(&server.acme.owner), RESUME, sms.clone()).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), Some("input.channel".to_owned())));
    server
        .data(&server.acme.owner, RESUME, json!({ "id": contact }))
        .await;
    assert_eq!(reason(&server, &contact).await, "STOPPED");

    // Events of one moment have no order.
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reply("acme", 2, "start").status(&server).await, 200);
    assert_eq!(reason(&server, &contact).await, Value::Null);
    // Who recorded the first reply can send it again, and nothing happens.
    assert_eq!(reply("acme", 1, " Stop. ").status(&server).await, 200);
    assert_eq!(reason(&server, &contact).await, Value::Null);
    assert_eq!(send_link(&server, &contact).await["skipped"], Value::Null);
    let expected = ["SMS_RESUMED", "SMS_STOPPED"].map(|kind| json!({"kind": kind, "by": contact}));
    assert_eq!(kinds(&server, &contact).await, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_replaces_what_staff_can_lift() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    let bounced = format!(
        "insert into suppressions (account_id, email_key, reason, created_at) \
         select id, '{NUMBER}', '21211: no such number', now() from accounts where slug = 'acme'"
    );
    server.test.run(&bounced).await;
    assert_eq!(reason(&server, &contact).await, "BOUNCED");
    assert_eq!(reply("acme", 1, "START").status(&server).await, 200);
    assert_eq!(
        reason(&server, &contact).await,
        "BOUNCED",
        "START lifts only STOP"
    );
    let sms = json!({"id": contact, "channel": "SMS"});
    server.data(&server.acme.key, RESUME, sms.clone()).await;
    assert_eq!(reason(&server, &contact).await, Value::Null);
    server.test.run(&bounced).await;
    assert_eq!(reply("acme", 2, "ABMELDEN").status(&server).await, 200);
    assert_eq!(reason(&server, &contact).await, "STOPPED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_counts_for_every_account_that_knows_the_number() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    contact_with(&server, Some(NUMBER)).await;
    let create = json!({"email": "anna@other.example", "phone": NUMBER});
    server
        .test
        .run("delete from contacts where email_key = 'anna@other.example'")
        .await;
    server.data(&server.other.key, super::CREATE, create).await;
    let count =
        format!("select count(*) from suppressions where email_key = '{NUMBER}' and reason = 'STOPPED'");
    let id = server.acme.id.to_string();
    assert_eq!(reply(&id, 1, "STOP").status(&server).await, 200);
    assert_eq!(server.test.number(&count).await, 2);
    assert_eq!(reply("acme", 2, "YES").status(&server).await, 200);
    assert_eq!(server.test.number(&count).await, 0);
    // No contact has this number yet. Once one has it, nothing is sent to it.
    server.test.run("update contacts set phone = null").await;
    assert_eq!(reply("acme", 3, "STOP").status(&server).await, 200);
    assert_eq!(server.test.number(&count).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_copies_of_a_reply_are_applied_once() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    let copies = (0..8).map(|_| {
        let callback = reply("acme", 1, "STOP");
        let server = &server;
        async move { callback.status(server).await }
    });
    let answers = futures_util::future::join_all(copies).await;
    assert_eq!(answers, [200; 8]);
    assert_eq!(kinds(&server, &contact).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_names_the_account_and_its_support_and_other_texts_are_not_answered() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    server
        .test
        .run("update accounts set name = 'Acme & <Sons>', reply_to = 'help@acme.example' where slug = 'acme'")
        .await;
    let answer = reply("acme", 1, "help")
        .send(&server)
        .await
        .text()
        .await
        .expect("TwiML");
    assert!(
        answer.contains(
            "<Message>Acme &#38; &#60;Sons&#62;: For help, write to help@acme.example. To stop these messages, reply STOP.</Message>"
        ),
        "{answer}"
    );
    let other = reply("other", 2, "INFO")
        .send(&server)
        .await
        .text()
        .await
        .expect("TwiML");
    assert!(
        other.contains("<Message>other: To stop these messages, reply STOP.</Message>"),
        "{other}"
    );
    for body in ["When does the course begin?", "", "please stop"] {
        let answer = reply("acme", 3, body)
            .send(&server)
            .await
            .text()
            .await
            .expect("TwiML");
        assert!(!answer.contains("<Message>"), "{answer}");
    }
    assert_eq!(server.test.number("select count(*) from suppressions").await, 0);
    assert_eq!(reply("nobody", 4, "STOP").status(&server).await, 404);
    let unsigned = reply("acme", 5, "STOP").request(&server).send().await;
    assert_eq!(unsigned.expect("an answer").status(), 403);
    assert_eq!(server.test.number("select count(*) from suppressions").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_outlives_the_erasure_of_its_contact() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    reply("acme", 1, "STOP").send(&server).await;
    let erase = "mutation ($id: ID!) {
        eraseContact(input: {contactId: $id, confirmEmail: \"4915112345678@example.com\"}) { __typename } }";
    server
        .data(&server.acme.owner, erase, json!({ "id": contact }))
        .await;
    assert_eq!(server.test.number("select count(*) from suppressions").await, 0);
    let again = contact_with(&server, Some(NUMBER)).await;
    assert_eq!(reason(&server, &again).await, "STOPPED");
    reply("acme", 2, "START").send(&server).await;
    assert_eq!(reason(&server, &again).await, Value::Null);
    server.stop().await;
}
