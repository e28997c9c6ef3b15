//! What the values of a recipient can do in an own text, and which recipients get it.

use serde_json::{Value, json};

use super::Desk;
use crate::contents::document;

/// What an own text says stays through all of it.
const TEXTS: &str = "select string_agg(subject || body || updated_at || updated_by, ' ') from system_emails";

impl Desk {
    async fn add(&self, address: &str) -> String {
        let added = self.api.test.add_contacts([address.to_owned()]).await;
        added[0].id.to_string()
    }

    async fn write(&self, mutation: &str, input: Value) {
        let document = document(mutation, "__typename");
        self.api
            .data(&self.owner, &document, json!({ "input": input }))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_shown_as_they_are() {
    let desk = Desk::open().await;
    let body = "Dear {{ contact.first_name | default(\"friend\") }}!\n\n<!-- content --> of <b>{{ portal.name }}</b>";
    desk.set(json!({"subject": "For {{ contact.first_name | default(\"you\") }}", "body": body}))
        .await;
    desk.add("anna@example.com").await;
    let name = "*A* <i>[x](https://evil.example)</i> {{ portal.url }}";
    let change =
        format!("update contacts set first_name = '{name}'; update accounts set name = '<u>A & B</u>'");
    desk.api.test.test.run(&change).await;
    let worker = desk.api.test.start_worker();
    desk.invite(&["anna@example.com".to_owned()]).await;
    let email = desk.api.test.wait_for_emails(1).await.remove(0);
    worker.stop().await;
    assert_eq!(email.subject, format!("For {name}"));
    assert!(email.text.starts_with(&format!("Dear {name}!")), "{}", email.text);
    for unsafe_html in ["<i>", "<u>", "<b>", "href=\"https://evil.example", "<em>A</em>"] {
        assert!(!email.html.contains(unsafe_html), "{unsafe_html}: {}", email.html);
    }
    let links = email.html.matches("/link/link_").count();
    assert_eq!(links, 2, "the button and its URL: {}", email.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_address_reads_its_own_address_and_no_newer_one() {
    let desk = Desk::open().await;
    let body = "{{ contact.email }}: something has changed";
    for kind in ["ADDRESS_CHANGED", "CONTACTS_MERGED"] {
        desk.set(json!({"kind": kind, "subject": kind, "body": body}))
            .await;
    }
    let before = desk.api.test.test.texts(TEXTS).await;
    let kept = desk.add("old@example.com").await;
    let copy = desk.add("copy@example.com").await;
    let worker = desk.api.test.start_worker();
    desk.write(
        "updateContact",
        json!({"contactId": kept, "email": "new@example.com"}),
    )
    .await;
    desk.api.test.wait_for_emails(1).await;
    desk.write("mergeContacts", json!({"contactId": kept, "duplicateId": copy}))
        .await;
    let emails = desk.api.test.wait_for_emails(3).await;
    worker.stop().await;
    let mut told: Vec<_> = emails
        .iter()
        .map(|email| (&email.subject[..], &email.to.address[..]))
        .collect();
    told.sort_unstable();
    let expected = [
        ("ADDRESS_CHANGED", "old@example.com"),
        ("CONTACTS_MERGED", "copy@example.com"),
        ("CONTACTS_MERGED", "new@example.com"),
    ];
    assert_eq!(told, expected);
    for email in &emails {
        let start = format!("{}: something has changed\n", email.to.address);
        assert!(email.text.starts_with(&start), "{}", email.text);
        let newer = email.to.address != "new@example.com" && email.text.contains("new@example.com");
        assert!(!newer, "{}", email.text);
        assert!(email.text.contains("***@example.com"), "{}", email.text);
    }
    let erase = json!({"contactId": kept, "confirmEmail": "new@example.com"});
    desk.write("eraseContact", erase).await;
    assert_eq!(desk.api.test.test.texts(TEXTS).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_waits_for_an_erased_contact_is_not_sent() {
    let desk = Desk::open().await;
    desk.set(json!({})).await;
    let gone = desk.add("gone@example.com").await;
    desk.invite(&["gone@example.com", "here@example.com"].map(str::to_owned))
        .await;
    let erase = json!({"contactId": gone, "confirmEmail": "gone@example.com"});
    desk.write("eraseContact", erase).await;
    let worker = desk.api.test.start_worker();
    let emails = desk.api.test.wait_for_emails(1).await;
    worker.stop().await;
    let sent: Vec<_> = emails
        .iter()
        .map(|email| (&email.to.address[..], &email.subject[..]))
        .collect();
    assert_eq!(sent, [("here@example.com", "Come in")]);
    assert_eq!(desk.api.test.messages("QUEUED").await, 0);
}
