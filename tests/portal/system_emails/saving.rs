//! Reading, writing and resetting own texts; merge fields; previews.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Desk, input};
use crate::contents::{document, text};
use crate::support::TestServer;

fn bad(field: &str) -> (String, String) {
    ("BAD_USER_INPUT".to_owned(), field.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_email_is_listed_in_every_language_with_a_text_that_can_be_saved() {
    let desk = Desk::open().await;
    let query = "{ systemEmails { kind language subject body custom updatedAt updatedBy } }";
    let listed = desk.api.data(&desk.owner, query, json!({})).await;
    let emails = listed["systemEmails"].as_array().expect("a list");
    assert_eq!(emails.len(), 13 * 4);
    for email in emails {
        assert_eq!(email["custom"], false);
        assert_eq!(email["updatedAt"], Value::Null);
        let more = json!({"kind": email["kind"], "locale": email["language"], "subject": email["subject"], "body": email["body"]});
        let saved = desk.set(more).await;
        assert_eq!(saved["problems"], json!([]), "{email}");
        assert_eq!(saved["systemEmail"]["custom"], true);
        assert_eq!(saved["systemEmail"]["body"], email["body"]);
    }
    let link = desk.read("MAGIC_LINK", "FRENCH").await;
    assert!(text(&link["subject"]).starts_with("{{ portal.name }} vous envoie un lien vers {% if "));
    let listed = desk.api.data(&desk.owner, query, json!({})).await;
    let custom = listed["systemEmails"].as_array().expect("a list").iter();
    assert_eq!(custom.filter(|email| email["custom"] == true).count(), 52);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_written_and_reset_with_an_event_for_each_change() {
    let desk = Desk::open().await;
    let before = desk.read("INVITATION", "ENGLISH").await;
    assert_eq!(before["subject"], "{{ portal.name }} invited you to its portal");
    let saved = desk.set(json!({"subject": "Join {{ location.name }}"})).await;
    assert_eq!(saved["systemEmail"]["subject"], "Join {{ account.name }}");
    assert_eq!(saved["problems"][0]["severity"], "WARNING");
    assert!(
        text(&saved["systemEmail"]["updatedBy"]).starts_with("member_"),
        "{saved}"
    );
    desk.set(json!({"subject": "Join {{ account.name }}"})).await;
    assert_eq!(desk.read("INVITATION", "GERMAN").await["custom"], false);
    assert_eq!(desk.reset("INVITATION", "ENGLISH").await["custom"], false);
    assert_eq!(
        desk.reset("INVITATION", "ENGLISH").await["subject"],
        before["subject"]
    );
    let logged = "select kind || ' ' || detail::text || ' ' || actor from audit_events where kind like 'SYSTEM_EMAIL%' order by kind";
    let logged = desk.api.test.test.texts(logged).await;
    assert_eq!(logged.len(), 2, "{logged:?}");
    for (event, kind) in logged
        .iter()
        .flatten()
        .zip(["SYSTEM_EMAIL_CHANGED", "SYSTEM_EMAIL_RESET"])
    {
        assert!(event.starts_with(kind) && event.contains("INVITATION"), "{event}");
        assert!(event.contains("\"en\"") && event.contains("member_"), "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_texts_are_refused_with_the_field() {
    let desk = Desk::open().await;
    for (more, field) in [
        (json!({"subject": " "}), "input.subject"),
        (json!({"subject": "a\nb"}), "input.subject"),
        (json!({"subject": "x".repeat(501)}), "input.subject"),
        (json!({"subject": "{{ recipient.name }}"}), "input.subject"),
        (json!({"subject": "{{ portal.url }}"}), "input.subject"),
        (json!({"subject": "See https://acme.example"}), "input.subject"),
        (json!({"body": ""}), "input.body"),
        (json!({"body": "x".repeat(100_001)}), "input.body"),
        (json!({"body": "\u{1}content\u{1}"}), "input.body"),
        (json!({"body": "{{ portal.name }}".repeat(1_001)}), "input.body"),
        (json!({"body": "{% if portal.name %}".repeat(11)}), "input.body"),
        (json!({"body": "{{ contact.first_name }}"}), "input.body"),
        (json!({"body": "{{ portal.login_url }}"}), "input.body"),
        (
            json!({"body": "{{ unsubscribe_url | default(\"\") }}"}),
            "input.body",
        ),
        (json!({"body": "{{ offer.title }}"}), "input.body"),
        (json!({"body": "{{ link.destination }}"}), "input.body"),
        (json!({"body": "{{ sign_in.code }}"}), "input.body"),
        (json!({"body": "{% for a in b %}{% endfor %}"}), "input.body"),
        (json!({"body": "[x](javascript:alert)"}), "input.body"),
        (
            json!({"kind": "STAFF_LOGIN", "body": "{{ contact.email }}"}),
            "input.body",
        ),
        (
            json!({"kind": "ADDRESS_CHANGED", "body": "{{ contact.phone | default(\"\") }}"}),
            "input.body",
        ),
    ] {
        assert_eq!(desk.refused(more.clone()).await, bad(field), "{more}");
    }
    assert_eq!(
        desk.api
            .test
            .test
            .number("select count(*) from system_emails")
            .await,
        0
    );
    let largest = desk.set(json!({"body": "x".repeat(100_000)})).await;
    assert_eq!(largest["systemEmail"]["custom"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_refused_if_the_text_has_changed_since() {
    let desk = Desk::open().await;
    let first = desk.set(json!({})).await["systemEmail"]["updatedAt"].clone();
    desk.api.test.clock.advance(TimeDelta::seconds(1));
    let writes = (0..4).map(|n| {
        let input = input(json!({"subject": format!("Text {n}"), "expectedUpdatedAt": first}));
        let document = document("setSystemEmail", "__typename");
        async {
            let (input, document) = (input, document);
            desk.api.request(&desk.owner, &document, input).await
        }
    });
    let answers = join_all(writes.collect::<Vec<_>>()).await;
    let conflicts = answers.iter().filter(|answer| {
        let extensions = &answer["errors"][0]["extensions"];
        extensions["code"] == "CONFLICT" && extensions["field"] == "input.expectedUpdatedAt"
    });
    assert_eq!(conflicts.count(), 3, "{answers:?}");
    desk.reset("INVITATION", "ENGLISH").await;
    let outdated = desk.refused(json!({"expectedUpdatedAt": first})).await;
    assert_eq!(outdated.0, "CONFLICT");
    desk.set(json!({"expectedUpdatedAt": null})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_fields_say_what_an_email_can_use() {
    let desk = Desk::open().await;
    let query = "query ($kind: SystemEmailKind, $channel: Channel!, $triggers: [WorkflowTrigger!]) {
        mergeFields(channel: $channel, systemEmail: $kind, triggers: $triggers) { name available reason mayBeEmpty } }";
    let fields = async |kind: Value| {
        let variables = json!({"kind": kind, "channel": "EMAIL"});
        desk.api.data(&desk.owner, query, variables).await["mergeFields"].clone()
    };
    let find = |fields: &Value, name: &str| {
        let mut all = fields.as_array().expect("a list").iter();
        all.find(|field| field["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    let invitation = fields(json!("INVITATION")).await;
    assert_eq!(find(&invitation, "contact.email")["mayBeEmpty"], false);
    assert_eq!(find(&invitation, "recipient.name")["mayBeEmpty"], true);
    let login = find(&invitation, "portal.login_url");
    assert_eq!(login["available"], false);
    assert!(text(&login["reason"]).contains("button"), "{login}");
    assert_eq!(find(&invitation, "link.destination")["available"], false);
    assert_eq!(
        find(&fields(json!("MAGIC_LINK")).await, "link.destination")["available"],
        true
    );
    for kind in ["STAFF_LOGIN", "TEAM_INVITATION"] {
        assert_eq!(
            find(&fields(json!(kind)).await, "contact.name")["available"],
            false
        );
    }
    assert_eq!(find(&fields(Value::Null).await, "recipient.name"), Value::Null);
    for more in [
        json!({"channel": "SMS"}),
        json!({"channel": "EMAIL", "triggers": ["TAG_ADDED"]}),
    ] {
        let mut variables = json!({"kind": "INVITATION"});
        crate::contents::merge(&mut variables, more);
        let error = desk.api.error(&desk.owner, query, variables).await;
        assert_eq!(error, ("BAD_USER_INPUT".into(), Some("systemEmail".into())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_every_email_as_mailed_and_changes_nothing() {
    let desk = Desk::open().await;
    let query = "query ($input: PreviewSystemEmailInput!) { previewSystemEmail(input: $input) {
        subject html text segments { count } problems { message severity } } }";
    let list = "{ systemEmails { kind language subject body } }";
    let emails = desk.api.data(&desk.owner, list, json!({})).await;
    for email in emails["systemEmails"].as_array().expect("a list") {
        let input = json!({"kind": email["kind"], "locale": email["language"], "subject": email["subject"], "body": email["body"]});
        let shown = desk.api.data(&desk.owner, query, json!({ "input": input })).await;
        let shown = &shown["previewSystemEmail"];
        assert_eq!(shown["problems"], json!([]), "{email}");
        let (subject, text) = (text(&shown["subject"]), text(&shown["text"]));
        assert!(
            subject.contains("Acme") && subject.chars().count() <= 78,
            "{subject}"
        );
        assert!(
            text.contains("Anna") && shown["html"].as_str().expect("HTML").contains("Anna"),
            "{text}"
        );
        let kind = email["kind"].as_str().expect("a kind");
        let shows_code = ["LOGIN_CODE", "SIGN_UP_CODE", "REQUESTED_LOGIN", "STAFF_LOGIN"].contains(&kind);
        assert_eq!(text.contains("123 456"), shows_code, "{kind}: {text}");
    }
    for (body, message) in [
        ("{{ contact.first_name }}", "may be empty"),
        ("{{ portal.login_url }}", "button"),
        ("{{ a", "}}"),
    ] {
        let input = json!({"kind": "INVITATION", "locale": "ENGLISH", "subject": "Hi", "body": body});
        let shown = desk.api.data(&desk.owner, query, json!({ "input": input })).await;
        let problem = &shown["previewSystemEmail"]["problems"][0];
        assert!(text(&problem["message"]).contains(message), "{problem}");
        assert_eq!(problem["severity"], "ERROR");
    }
    let made = "select (select count(*) from magic_links) + (select count(*) from messages) + (select count(*) from audit_events where kind like 'SYSTEM%')";
    assert_eq!(desk.api.test.test.number(made).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_list_takes_one_statement_and_a_repeat_changes_nothing() {
    let desk = Desk::open().await;
    desk.set(json!({})).await;
    let query = "{ systemEmails { subject body problems { message } updatedBy } }";
    let statements = desk
        .api
        .statements(async || {
            desk.api.data(&desk.owner, query, json!({})).await;
        })
        .await;
    assert_eq!(statements, 1);
    let server = TestServer::open().await;
    for _ in 0..2 {
        let body = json!({"query": document("setSystemEmail", "__typename"), "variables": input(json!({}))});
        let request = server.http.post(format!("{}/graphql", server.url)).json(&body);
        let request = request
            .bearer_auth(&server.acme.owner)
            .header("idempotency-key", "one");
        request.send().await.expect("an answer");
        server
            .test
            .run("update system_emails set subject = 'Later'")
            .await;
    }
    let subjects = server.test.texts("select subject from system_emails").await;
    assert_eq!(subjects, [Some("Later".to_owned())]);
    let changed = "select count(*) from audit_events where kind = 'SYSTEM_EMAIL_CHANGED'";
    assert_eq!(server.test.number(changed).await, 1);
    server.stop().await;
}
