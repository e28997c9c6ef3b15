//! How templates look, and which merge fields there are.

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::sign_in::auth_context::Viewer;

use super::Desk;
use crate::contents::{merge, text};

const PREVIEW: &str = "query ($input: PreviewTemplateInput!) { previewTemplate(input: $input) {
    subject html text segments { encoding units count } problems { message field line column severity mergeField suggestion } } }";

fn input(more: Value) -> Value {
    let mut input = json!({"channel": "EMAIL", "format": "MARKDOWN", "subject": "Hello {{ contact.first_name | default(\"you\") }}",
        "body": "Hi **{{ contact.name | default(\"there\") }}**, [sign in]({{ portal.login_url }})"});
    merge(&mut input, more);
    json!({ "input": input })
}

fn sms(body: &str) -> Value {
    input(json!({"channel": "SMS", "format": "TEXT", "subject": null, "body": body}))
}

async fn preview(desk: &Desk, input: Value) -> Value {
    desk.api.data(&desk.owner, PREVIEW, input).await["previewTemplate"].clone()
}

async fn fields(desk: &Desk, arguments: &str) -> Vec<Value> {
    let query =
        format!("{{ mergeFields{arguments} {{ name label group example mayBeEmpty available reason }} }}");
    let data = desk.api.data(&desk.owner, &query, json!({})).await;
    data["mergeFields"].as_array().cloned().unwrap_or_default()
}

fn find<'a>(fields: &'a [Value], name: &str) -> &'a Value {
    fields
        .iter()
        .find(|field| field["name"] == name)
        .expect("a field")
}

async fn name_contact(desk: &Desk, first_name: &str) {
    let update = "mutation ($id: ID!, $name: String) { updateContact(input: {contactId: $id, firstName: $name}) { contact { id } } }";
    let variables = json!({"id": desk.contact.id.to_string(), "name": first_name});
    desk.api.data(&desk.owner, update, variables).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_shown_with_examples_or_a_contact_and_mints_nothing() {
    let desk = Desk::open().await;
    let shown = preview(&desk, input(json!({}))).await;
    assert_eq!(shown["subject"], "Hello Anna");
    assert_eq!(shown["problems"], json!([]));
    assert_eq!(shown["segments"], Value::Null);
    let html = text(&shown["html"]);
    assert!(
        html.contains("Hi <strong>Anna Smith</strong>, <a href=\""),
        "{html}"
    );
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains("Acme"),
        "{html}"
    );
    let words = text(&shown["text"]);
    assert!(words.starts_with("Hi Anna Smith, sign in ( "), "{words}");
    name_contact(&desk, "Zoë <b>").await;
    let of_contact = input(json!({"contactId": desk.contact.id.to_string()}));
    let shown = preview(&desk, of_contact.clone()).await;
    assert_eq!(shown["subject"], "Hello Zoë <b>");
    let html = text(&shown["html"]);
    assert!(html.contains("<strong>Zoë &lt;b&gt;</strong>"), "{html}");
    let own = input(json!({"text": "Go to {{ portal.url }}", "contactId": desk.contact.id.to_string()}));
    let own = text(&preview(&desk, own).await["text"]);
    assert!(own.starts_with("Go to http"), "{own}");
    let test = &desk.api.test.test;
    for table in ["magic_links", "magic_link_secrets", "messages", "templates"] {
        assert_eq!(
            test.number(&format!("select count(*) from {table}")).await,
            0,
            "{table}"
        );
    }
    let reads = desk.api.key(&[Scope::Invite]).await;
    let refused = desk.api.error(&reads, PREVIEW, of_contact).await;
    assert_eq!(refused.0, "FORBIDDEN", "the values of a contact need READ");
    desk.api.data(&reads, PREVIEW, input(json!({}))).await;
    let missing = input(json!({"contactId": "contact_x"}));
    let missing = desk.api.error(&desk.owner, PREVIEW, missing).await;
    assert_eq!(
        missing,
        ("NOT_FOUND".to_owned(), Some("input.contactId".to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_of_another_account_is_not_found() {
    let desk = Desk::open().await;
    let foreign: Viewer = desk.api.owner_of_other_account().await;
    let input = input(json!({"contactId": desk.contact.id.to_string()}));
    assert_eq!(desk.api.error(&foreign, PREVIEW, input).await.0, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_are_shown_and_fail_nothing() {
    let desk = Desk::open().await;
    let shown = preview(&desk, input(json!({"body": "Hi\n{{ contact.fist_name }} {{"}))).await;
    assert_eq!(
        (&shown["subject"], &shown["html"], &shown["text"]),
        (&json!("Hello Anna"), &Value::Null, &Value::Null)
    );
    let problems = shown["problems"].as_array().cloned().unwrap_or_default();
    assert_eq!(
        (problems.len(), &problems[0]["line"], &problems[0]["column"]),
        (1, &json!(2), &json!(25)),
        "{problems:?}"
    );
    let shown = preview(&desk, input(json!({"body": "{{ contact.fist_name }}"}))).await;
    let problem = &shown["problems"][0];
    assert_eq!(
        (&problem["field"], &problem["suggestion"]),
        (&json!("BODY"), &json!("contact.first_name"))
    );
    assert_eq!(
        (&problem["severity"], &shown["html"]),
        (&json!("ERROR"), &Value::Null)
    );
    let shown = preview(&desk, input(json!({"body": "{{ location.name }}"}))).await;
    assert_eq!(
        (&shown["problems"][0]["severity"], shown["html"].is_string()),
        (&json!("WARNING"), true)
    );
    let tagged = json!({"triggers": ["OFFER_ACCESS_GRANTED", "TAG_ADDED"]});
    let shown = preview(&desk, input(tagged)).await;
    let message = text(&shown["problems"][0]["message"]);
    assert!(message.contains("TAG_ADDED"), "{message}");
    let provided = json!({"body": "You have {{ offer.title }}", "triggers": ["OFFER_ACCESS_GRANTED"]});
    let shown = preview(&desk, input(provided)).await;
    assert_eq!(shown["problems"], json!([]));
    assert!(text(&shown["text"]).contains("You have Growth programme"));
    let markup = json!({"format": "HTML", "body": "<p>Hi</p><img src=\"x\" onerror=\"alert(1)\">"});
    let shown = preview(&desk, input(markup)).await;
    assert_eq!(shown["html"], Value::Null);
    let wrong = desk
        .api
        .error(&desk.owner, PREVIEW, input(json!({"format": "TEXT"})))
        .await;
    assert_eq!(
        wrong,
        ("BAD_USER_INPUT".to_owned(), Some("input.format".to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_is_counted_in_segments() {
    let desk = Desk::open().await;
    let counted = async |body: &str| preview(&desk, sms(body)).await["segments"].clone();
    assert_eq!(
        counted("Hi {{ contact.first_name | default('x') }}").await,
        json!({"encoding": "GSM7", "units": 7, "count": 1})
    );
    assert_eq!(
        counted("Привет 👋").await,
        json!({"encoding": "UCS2", "units": 9, "count": 1})
    );
    assert_eq!(
        counted(&"€".repeat(81)).await,
        json!({"encoding": "GSM7", "units": 162, "count": 2})
    );
    let link = preview(&desk, sms("{{ portal.login_url }}")).await;
    assert!(text(&link["text"]).contains("/link/link_"), "{link}");
    assert_eq!(link["html"], Value::Null);
    let unsubscribe = preview(&desk, sms("{{ unsubscribe_url | default('') }}")).await;
    assert_eq!(unsubscribe["problems"][0]["severity"], "ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_fields_say_where_they_can_be_used() {
    let desk = Desk::open().await;
    let all = fields(&desk, "(channel: EMAIL)").await;
    let url = find(&all, "portal.login_url");
    assert_eq!(
        (&url["label"], &url["available"]),
        (&json!("Login URL (Magic Link)"), &json!(true))
    );
    assert!(text(&url["example"]).contains("/link/"), "{url}");
    assert_eq!(find(&all, "contact.first_name")["mayBeEmpty"], true);
    assert_eq!(find(&all, "contact.email")["mayBeEmpty"], false);
    let title = find(&all, "offer.title");
    assert_eq!(title["available"], false);
    assert!(text(&title["reason"]).contains("OFFER_ACCESS_GRANTED"), "{title}");
    assert!(
        all.iter()
            .all(|field| !text(&field["example"]).is_empty() || field["mayBeEmpty"] == true),
        "{all:?}"
    );
    let portal = fields(
        &desk,
        "(channel: EMAIL, triggers: [OFFER_ACCESS_GRANTED, COURSE_COMPLETED])",
    )
    .await;
    assert_eq!(find(&portal, "portal.login_url")["available"], true);
    let mixed = fields(
        &desk,
        "(channel: EMAIL, triggers: [OFFER_ACCESS_GRANTED, CONTACT_CREATED])",
    )
    .await;
    let url = find(&mixed, "portal.login_url");
    assert_eq!(
        url["reason"],
        "Not available with the trigger CONTACT_CREATED: it isn't about the portal."
    );
    let sms = fields(&desk, "(channel: SMS)").await;
    assert_eq!(find(&sms, "contact.phone")["mayBeEmpty"], false);
    assert_eq!(find(&sms, "unsubscribe_url")["available"], false);
}
