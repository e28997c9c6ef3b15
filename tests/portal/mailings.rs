//! Messages that staff write.

mod bulk;
mod end_to_end;
mod marketing;
mod quiet_hours;
mod schedule;

use chrono::TimeDelta;
use mailer::SendError;
use serde_json::{Value, json};

use crate::support::{TestServer, TestTwilio, mailed_link, wait_until};

const SEND: &str = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { \
    count messages { id kind status } skipped { contactId reason } skippedCounts { reason count } problems { message } } }";

async fn send(server: &TestServer, input: Value) -> Value {
    let sent = server
        .data(&server.acme.key, SEND, json!({ "input": input }))
        .await;
    sent["sendMessage"].clone()
}

fn email(server: &TestServer, body: &str) -> Value {
    let contact = server.acme.contact.to_string();
    json!({"selection": {"contactIds": [contact]}, "channel": "EMAIL", "format": "MARKDOWN", "subject": "News", "body": body})
}

fn later() -> SendError {
    SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_email_carries_a_link_of_its_own() {
    let server = TestServer::open().await;
    let sent = send(&server, email(&server, "[Open]({{ portal.login_url }})")).await;
    assert_eq!(
        (&sent["count"], &sent["messages"][0]["kind"]),
        (&json!(1), &json!("WRITTEN"))
    );
    wait_until("the mail is sent", async || !server.mailbox.sent().is_empty()).await;
    let mail = server.mailbox.sent()[0].clone();
    assert_eq!(mail.subject, "News");
    assert!(!mailed_link(&mail).reveal().is_empty());
    let links = "select count(*) from magic_links where purpose = 'MESSAGE'";
    assert_eq!(server.test.number(links).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_login_url_no_link_is_created() {
    let server = TestServer::open().await;
    send(&server, email(&server, "Hello")).await;
    wait_until("the mail is sent", async || !server.mailbox.sent().is_empty()).await;
    assert_eq!(server.test.number("select count(*) from magic_links").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_nothing() {
    let server = TestServer::open().await;
    let mut input = email(&server, "Hello");
    input["dryRun"] = json!(true);
    let shown = send(&server, input).await;
    assert_eq!((&shown["count"], &shown["messages"]), (&json!(1), &json!([])));
    assert_eq!(server.test.number("select count(*) from mailings").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_at_its_field_and_nothing_is_sent() {
    let server = TestServer::open().await;
    let email = email(&server, "Hello");
    let with = |change: Value| {
        let mut input = email.clone();
        for (field, value) in change.as_object().into_iter().flatten() {
            input[field] = value.clone();
        }
        input
    };
    let refused = [
        (with(json!({"selection": {}})), "input.selection"),
        (with(json!({"sendAt": "soon"})), "input.sendAt"),
        (with(json!({"sendAt": "2020-01-01T00:00:00Z"})), "input.sendAt"),
        (with(json!({"sendAt": "2099-01-01T00:00:00Z"})), "input.sendAt"),
        (with(json!({"perMinute": 0})), "input.perMinute"),
        (with(json!({"perMinute": 10_001})), "input.perMinute"),
        (with(json!({"quietHours": {"start": "9 pm", "end": "08:00"}})), "input.quietHours.start"),
        (with(json!({"quietHours": {"start": "21:00", "end": "24:00"}})), "input.quietHours.end"),
        (with(json!({"quietHours": {"start": "21:00", "end": "21:00"}})), "input.quietHours.end"),
        (with(json!({"body": "{{ unsubscribe_url }}"})), "input.body"),
        (with(json!({"selection": {"smartListId": "list_x"}})), "input.selection.smartListId"),
        (
            json!({"selection": email["selection"], "channel": "SMS", "format": "TEXT", "body": "Hello", "marketing": true}),
            "input.marketing",
        ),
        (with(json!({"format": null})), "input.format"),
        (with(json!({"format": "TEXT"})), "input.format"),
        (with(json!({"subject": null})), "input.subject"),
        (with(json!({"body": " "})), "input.body"),
        (with(json!({"body": "{{ contact.first_name }}"})), "input.body"),
        (with(json!({"body": "{{ offer.title }}"})), "input.body"),
        (with(json!({"body": "{% for a in b %}"})), "input.body"),
        (with(json!({"templateId": "template_x"})), "input.templateId"),
        (
            json!({"selection": email["selection"], "channel": "EMAIL", "templateId": "template_x"}),
            "input.templateId",
        ),
    ];
    for (input, field) in refused {
        let (_, refused) = server
            .error(Some(&server.acme.key), SEND, json!({ "input": input }))
            .await;
        let at = refused.unwrap_or_default();
        assert!(at.starts_with(field), "{field}: {at} for {input}");
    }
    assert_eq!(server.test.number("select count(*) from mailings").await, 0);
    assert_eq!(server.test.number("select count(*) from messages").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_who_get_nothing_are_named_with_the_reason() {
    let server = TestServer::open().await;
    let contact = server.acme.contact.to_string();
    let selection = json!({"contactIds": [contact, contact, "contact_x"], "emails": ["nobody@example.com"]});
    let text = json!({"selection": selection, "channel": "SMS", "format": "TEXT", "body": "Hello"});
    let counts = |sent: &Value| sent["skippedCounts"].clone();
    let expected = |reason: &str| json!([{"reason": "DUPLICATE", "count": 1}, {"reason": "NOT_FOUND", "count": 2}, {"reason": reason, "count": 1}]);
    let sorted = |value: Value| {
        let mut all = value.as_array().cloned().unwrap_or_default();
        all.sort_by_key(|one| one["reason"].to_string());
        all
    };
    for (change, reason) in [
        ("update contacts set phone = null", "NO_PHONE"),
        ("update contacts set phone = '0151 1'", "INVALID_PHONE"),
        (
            "update contacts set phone = '+4915112345678', revoked_at = now()",
            "REVOKED",
        ),
    ] {
        server.test.run(change).await;
        let mut dry = text.clone();
        dry["dryRun"] = json!(true);
        for input in [dry, text.clone()] {
            let sent = send(&server, input).await;
            assert_eq!(sorted(counts(&sent)), sorted(expected(reason)), "{sent}");
            assert_eq!((&sent["count"], &sent["messages"]), (&json!(0), &json!([])));
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_text_message_carries_a_link_for_ten_minutes() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    server
        .test
        .run("update contacts set phone = '+4915112345678'")
        .await;
    let contact = server.acme.contact.to_string();
    let input = json!({"selection": {"contactIds": [contact]}, "channel": "SMS", "format": "TEXT",
        "body": "Your portal: {{ portal.login_url }}"});
    let sent = send(&server, input).await;
    assert_eq!(sent["count"], 1);
    wait_until("the text is sent", async || !twilio.received().is_empty()).await;
    let body = twilio.received()[0].body.clone();
    let token = body
        .strip_prefix("Your portal: ")
        .and_then(|url| url.rsplit('/').next());
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
    let redeemed = server.request(None, redeem, json!({ "token": token })).await;
    assert!(
        redeemed["data"]["signInWithMagicLink"]["session"]["accessToken"].is_string(),
        "{redeemed}"
    );
    let link = "select count(*) from magic_links where lifetime_seconds = 600 and email_key is null";
    assert_eq!(server.test.number(link).await, 1);
    let shown = "{ messages { nodes { kind channel html text } } }";
    let shown = server.data(&server.acme.read_key, shown, json!({})).await;
    let shown = &shown["messages"]["nodes"][0];
    assert_eq!(
        (&shown["kind"], &shown["html"]),
        (&json!("WRITTEN"), &Value::Null)
    );
    let text = shown["text"].as_str().expect("a text");
    assert!(
        text.starts_with("Your portal: ") && text.ends_with("/link/••••••"),
        "{text}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_mails_another_secret_of_the_same_link() {
    let server = TestServer::open().await;
    server.mailbox.fail_next(1, later());
    send(&server, email(&server, "[Open]({{ portal.login_url }})")).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("deferred", async || server.test.number(deferred).await == 1).await;
    server.clock.advance(TimeDelta::seconds(10));
    wait_until("sent", async || !server.mailbox.sent().is_empty()).await;
    let (links, secrets) = (
        "select count(*) from magic_links",
        "select count(*) from magic_link_secrets",
    );
    assert_eq!(
        (server.test.number(links).await, server.test.number(secrets).await),
        (1, 2)
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_message_cancels_no_older_one_that_waits() {
    let server = TestServer::open().await;
    server.mailbox.fail_next(1, later());
    send(&server, email(&server, "Older: {{ portal.login_url }}")).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("deferred", async || server.test.number(deferred).await == 1).await;
    send(&server, email(&server, "Newer: {{ portal.login_url }}")).await;
    wait_until("the newer is sent", async || server.mailbox.sent().len() == 1).await;
    server.clock.advance(TimeDelta::seconds(10));
    wait_until("both are sent", async || server.mailbox.sent().len() == 2).await;
    // The link that was mailed last signs in.
    let token = mailed_link(&server.mailbox.sent()[1]).reveal();
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
        session { accessToken } refusal { reason } } }";
    let redeemed = server.request(None, redeem, json!({ "token": &*token })).await;
    assert!(
        redeemed["data"]["signInWithMagicLink"]["session"]["accessToken"].is_string(),
        "{redeemed}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_a_contact_whose_access_ends_meanwhile_is_not_sent() {
    let server = TestServer::open().await;
    server.mailbox.fail_next(1, later());
    send(&server, email(&server, "Hello")).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("deferred", async || server.test.number(deferred).await == 1).await;
    let revoke = "mutation ($id: ID!) { revokePortalAccess(input: {contactId: $id}) { contact { id } } }";
    let id = json!({"id": server.acme.contact.to_string()});
    server.data(&server.acme.key, revoke, id).await;
    server.clock.advance(TimeDelta::seconds(10));
    let cancelled = "select count(*) from messages where status = 'CANCELLED'";
    wait_until("cancelled", async || server.test.number(cancelled).await == 1).await;
    assert!(server.mailbox.sent().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_the_request_sends_nothing_more() {
    let server = TestServer::open().await;
    let mut scheduled = email(&server, "Hello");
    scheduled["perMinute"] = json!(1);
    for (input, key) in [(email(&server, "Hello"), "once"), (scheduled, "job")] {
        let body = json!({"query": SEND, "variables": {"input": input}});
        let mut answers = Vec::new();
        for _ in 0..3 {
            let request = server.http.post(format!("{}/graphql", server.url)).json(&body);
            let request = request.bearer_auth(&server.acme.key).header("idempotency-key", key);
            let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
            assert_eq!(answer["data"]["sendMessage"]["count"], 1, "{answer}");
            answers.push(answer);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
    }
    for table in ["mailings", "bulk_jobs"] {
        let rows = format!("select count(*) from {table}");
        let expected = if table == "mailings" { 2 } else { 1 };
        assert_eq!(server.test.number(&rows).await, expected, "{table}");
    }
    server.stop().await;
}
