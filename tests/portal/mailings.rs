//! Messages that staff write.

use serde_json::{Value, json};

use crate::support::{TestServer, mailed_link, wait_until};

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
