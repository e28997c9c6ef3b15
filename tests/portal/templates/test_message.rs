//! Sending a template to oneself.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::contents::{document, merge, text};
use crate::support::{TestServer, wait_until};

fn input(more: Value) -> Value {
    let mut input = json!({"channel": "EMAIL", "format": "MARKDOWN", "subject": "Hello {{ contact.first_name | default(\"you\") }}",
        "body": "[Sign in]({{ portal.login_url }})"});
    merge(&mut input, more);
    json!({ "input": input })
}

async fn send(server: &TestServer, input: Value) -> Value {
    let send = document("sendTestMessage", "problems { message }");
    server.request(Some(&server.acme.owner), &send, input).await
}

fn code(answer: &Value) -> (String, String) {
    let extensions = &answer["errors"][0]["extensions"];
    let field = extensions["field"].as_str().unwrap_or_default();
    (text(&extensions["code"]), field.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_goes_to_its_sender_and_mints_nothing() {
    let server = TestServer::open().await;
    let links = server.test.number("select count(*) from magic_links").await;
    let before = server.mailbox.sent().len();
    let sent = send(
        &server,
        input(json!({"contactId": server.acme.contact.to_string()})),
    )
    .await;
    assert_eq!(sent["data"]["sendTestMessage"]["problems"], json!([]), "{sent}");
    wait_until("the email arrives", async || server.mailbox.sent().len() > before).await;
    let email = server.mailbox.sent()[before].clone();
    let address = "select m.email from team_members m join test_messages t on t.team_member_id = m.id";
    let address = server.test.texts(address).await.into_iter().flatten().next();
    assert_eq!(Some(email.to.address), address);
    assert!(email.subject.starts_with("[Test] Hello "), "{}", email.subject);
    assert!(
        email.html.contains("/link/link_") && email.html.contains(">Sign in</a>"),
        "{}",
        email.html
    );
    assert_eq!(
        server.test.number("select count(*) from magic_links").await,
        links
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_template_is_sent_as_it_is() {
    let server = TestServer::open().await;
    let make = document("createTemplate", "template { id }");
    let email = super::email(json!({"body": "Saved"}));
    let made = server
        .data(&server.acme.owner, &make, json!({ "input": email }))
        .await;
    let id = &made["createTemplate"]["template"]["id"];
    let before = server.mailbox.sent().len();
    send(&server, json!({"input": {"channel": "EMAIL", "templateId": id}})).await;
    wait_until("the email arrives", async || server.mailbox.sent().len() > before).await;
    assert!(server.mailbox.sent()[before].text.starts_with("Saved\n"));
    let both = send(&server, input(json!({"templateId": id}))).await;
    assert_eq!(code(&both), ("BAD_USER_INPUT".into(), "input.templateId".into()));
    let foreign = server
        .request(
            Some(&server.other.owner),
            &document("sendTestMessage", "__typename"),
            json!({"input": {"channel": "EMAIL", "templateId": id}}),
        )
        .await;
    assert_eq!(code(&foreign), ("NOT_FOUND".into(), "input.templateId".into()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_sends_nothing() {
    let server = TestServer::open().await;
    for (more, code_, field) in [
        (
            json!({"channel": "SMS", "format": "TEXT", "subject": null}),
            "BAD_USER_INPUT",
            "input.channel",
        ),
        (json!({"format": null}), "BAD_USER_INPUT", "input.format"),
        (json!({"body": null}), "BAD_USER_INPUT", "input.body"),
        (
            json!({"body": "{{ contact.first_name }}"}),
            "BAD_USER_INPUT",
            "input.body",
        ),
        (json!({"contactId": "contact_x"}), "NOT_FOUND", "input.contactId"),
    ] {
        let answer = send(&server, input(more.clone())).await;
        assert_eq!(code(&answer), (code_.into(), field.into()), "{more}");
    }
    assert_eq!(server.test.number("select count(*) from test_messages").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sends_ten_in_an_hour() {
    let server = TestServer::open().await;
    let sends = (0..12).map(|_| send(&server, input(json!({}))));
    let answers = join_all(sends.collect::<Vec<_>>()).await;
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| answer["errors"].is_array())
        .collect();
    assert_eq!(refused.len(), 2, "{answers:?}");
    for answer in refused {
        assert_eq!(code(answer).0, "RATE_LIMITED");
        assert_eq!(answer["errors"][0]["extensions"]["retryAfter"], 3600);
    }
    assert_eq!(server.test.number("select count(*) from test_messages").await, 10);
    let older = "update test_messages set created_at = created_at - interval '1 hour'";
    server.test.run(older).await;
    assert_eq!(send(&server, input(json!({}))).await["errors"], Value::Null);
    server.stop().await;
}
