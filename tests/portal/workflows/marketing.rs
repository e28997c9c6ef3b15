//! Marketing emails of workflows: who is skipped, and what they say.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, add_tag, tag_added, way};
use crate::support::wait_until;

const OWN: &str = "Own: {{ unsubscribe_url }}";

fn send(template: &str, marketing: bool) -> Value {
    json!([{"sendEmail": {"key": "mail", "templateId": template, "marketing": marketing, "next": "tag"}}, add_tag("tag", "reached", None)])
}

async fn subscribe(desk: &Desk, subscribed: bool) {
    let input = json!({"contactId": desk.rooms.id(), "subscribed": subscribed});
    desk.rooms
        .write("updateSubscription", input, "contact { id }")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_is_marked_as_marketing_says_how_to_unsubscribe() {
    let desk = Desk::open().await;
    let (plain, own) = (
        desk.template("Plain", json!({})).await,
        desk.template("Own", json!({"body": OWN})).await,
    );
    desk.workflow(tag_added("first"), send(&plain, false), json!({}))
        .await;
    desk.workflow(tag_added("second"), send(&own, true), json!({}))
        .await;
    let mailbox = &desk.rooms.api.test.mailbox;
    for (tag, count) in [("first", 1), ("second", 2)] {
        desk.tag(&[tag], &[]).await;
        wait_until("the mail is sent", async || mailbox.sent().len() == count).await;
    }
    let sent = mailbox.sent();
    assert_eq!(sent[0].list_unsubscribe, None);
    let url = sent[1].list_unsubscribe.as_deref().expect("a header");
    assert_eq!(sent[1].text.matches(url).count(), 1, "{}", sent[1].text);
    assert!(sent[1].text.contains("Own: http"), "{}", sent[1].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_who_unsubscribed_go_on_without_marketing_only() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let marketing = desk
        .workflow(tag_added("vip"), send(&template, true), json!({}))
        .await;
    let other = desk
        .workflow(tag_added("vip"), send(&template, false), json!({}))
        .await;
    subscribe(&desk, false).await;
    let tested = json!({"workflowId": marketing, "contactId": desk.rooms.id()});
    let tested = desk
        .rooms
        .write("testWorkflow", tested, "steps { outcome reason }")
        .await;
    assert_eq!(
        tested["steps"][0],
        json!({"outcome": "SKIPPED", "reason": "UNSUBSCRIBED"})
    );
    desk.tag(&["vip"], &[]).await;
    let run = desk.run(&marketing).await;
    assert_eq!(way(&run), ["mail:SKIPPED", "tag:DONE"]);
    assert_eq!(run["steps"][0]["reason"], "UNSUBSCRIBED");
    assert_eq!(way(&desk.run(&other).await), ["mail:DONE", "tag:DONE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_unsubscribes_while_the_email_waits_does_not_get_it() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let night = json!({"settings": {"quietHours": {"start": "09:00", "end": "12:00"}}});
    let id = desk
        .workflow(tag_added("vip"), send(&template, true), night)
        .await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.run(&id).await), ["mail:DONE", "tag:DONE"]);
    subscribe(&desk, false).await;
    desk.advance(TimeDelta::hours(4));
    let cancelled = "select count(*) from messages where status = 'CANCELLED'";
    wait_until("it is cancelled", async || desk.number(cancelled).await == 1).await;
    assert!(desk.rooms.api.test.mailbox.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_unsubscribe_is_refused_until_the_step_is_marketing() {
    let desk = Desk::open_without_worker().await;
    let template = desk.template("Own", json!({"body": OWN})).await;
    let input = |marketing: bool| json!({"name": "News", "triggers": tag_added("vip"), "steps": send(&template, marketing)});
    let document = crate::contents::document("createWorkflow", "__typename");
    let response = desk
        .rooms
        .api
        .request(&desk.rooms.owner, &document, json!({"input": input(false)}))
        .await;
    let error = &response["errors"][0];
    assert_eq!(error["extensions"]["field"], "input.steps.0.sendEmail.templateId");
    let message = error["message"].as_str().unwrap_or_default();
    for part in ["Step mail", "line 1", "mark the step as marketing"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let made = desk
        .rooms
        .write("createWorkflow", input(true), "workflow { id hasChanges }")
        .await;
    let id = made["workflow"]["id"].as_str().expect("an id");
    desk.publish(id, json!({})).await;
    let query = "query ($id: ID!) { workflow(id: $id) { steps { ... on SendEmailStep { marketing } } } }";
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, query, json!({"id": id}))
        .await;
    assert_eq!(shown["workflow"]["steps"][0], json!({"marketing": true}));
    // Another kind of email is another content: the same template is checked as both.
    let both = json!({"workflowId": id, "steps": [
        {"sendEmail": {"key": "mail", "templateId": template, "marketing": true, "next": "again"}},
        {"sendEmail": {"key": "again", "templateId": template}},
    ]});
    let refused = desk.rooms.refused("updateWorkflow", both).await;
    assert_eq!(refused.1, "input.steps.1.sendEmail.templateId");
}
