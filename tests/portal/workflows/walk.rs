//! Testing a draft for one contact.

use serde_json::json;

use super::{Desk, add_tag, tag_added, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_shows_what_would_happen_and_does_nothing() {
    let desk = Desk::open().await;
    let body = json!({"subject": "For {{ contact.first_name | default(\"you\") }}"});
    let mail = desk.template("Mail", body).await;
    let text = json!({"channel": "SMS", "format": "TEXT", "subject": null});
    let text = desk.template("Text", text).await;
    let steps = json!([
        {"sendEmail": {"key": "mail", "templateId": mail, "next": "pause"}},
        wait_for("pause", 1, "DAYS", Some("ask")),
        {"branch": {"key": "ask", "condition": {"portalStatus": ["ACTIVE"]}, "next": "tag", "otherwise": "text"}},
        {"sendSms": {"key": "text", "templateId": text, "next": "tag"}},
        add_tag("tag", "done", None),
    ]);
    let id = desk.draft(tag_added("vip"), steps, json!({})).await;
    let input = json!({"workflowId": id, "contactId": desk.rooms.id()});
    let selected = "steps { key at outcome reason subject text next } problems { message }";
    let shown = desk.rooms.write("testWorkflow", input, selected).await;
    let step = |key: &str,
                at: &str,
                outcome: &str,
                reason: Option<&str>,
                subject: Option<&str>,
                text: Option<&str>,
                next: Option<&str>| json!({"key": key, "at": at, "outcome": outcome, "reason": reason, "subject": subject, "text": text, "next": next});
    let (now, later) = ("2026-01-05T10:00:00.000000Z", "2026-01-06T10:00:00.000000Z");
    let expected = json!([
        step("mail", now, "DONE", None, Some("For you"), None, Some("pause")),
        step("pause", now, "WAITED", None, None, None, Some("ask")),
        step("ask", later, "NOT_MATCHED", None, None, None, Some("text")),
        step(
            "text",
            later,
            "SKIPPED",
            Some("NO_PHONE"),
            None,
            Some("Hello"),
            Some("tag")
        ),
        step("tag", later, "DONE", None, None, None, None),
    ]);
    assert_eq!(shown["steps"], expected);
    assert_eq!(shown["problems"], json!([]));
    for table in [
        "messages",
        "magic_links",
        "workflow_runs",
        "workflow_steps",
        "mailings",
    ] {
        assert_eq!(
            desk.number(&format!("select count(*) from {table}")).await,
            0,
            "{table}"
        );
    }
    assert_eq!(desk.tags().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_is_walked_for_a_hundred_steps() {
    let desk = Desk::open().await;
    let steps = json!([
        wait_for("pause", 1, "DAYS", Some("tag")),
        add_tag("tag", "a", Some("pause"))
    ]);
    let id = desk.draft(tag_added("vip"), steps, json!({})).await;
    let input = json!({"workflowId": id, "contactId": desk.rooms.id()});
    let shown = desk.rooms.write("testWorkflow", input, "steps { key }").await;
    assert_eq!(shown["steps"].as_array().map(Vec::len), Some(100));
    let nobody = json!({"workflowId": id, "contactId": "contact_x"});
    let refused = desk.rooms.refused("testWorkflow", nobody).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "input.contactId".to_owned()));
}
