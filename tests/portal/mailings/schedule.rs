//! When bulk jobs of messages begin, how fast they are, and whom they find.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use vestibule::bulk_jobs::model::{BulkJobStatus, JobAction};

use super::bulk::{JOB, add_people, finish, start, to_all};
use crate::contents::{Rooms, text};
use crate::support::wait_until;

fn in_hours(rooms: &Rooms, hours: i64) -> String {
    let at = rooms.api.test.clock.now() + TimeDelta::hours(hours);
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_job_finds_its_recipients_when_it_begins_and_not_earlier() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    let list = json!({"name": "New", "filter": {"createdWithinDays": 1}});
    let made = rooms.write("createSmartList", list, "smartList { id }").await;
    let at = in_hours(&rooms, 25);
    let mut input = to_all("Hello");
    input["selection"] = json!({"smartListId": made["smartList"]["id"]});
    input["sendAt"] = json!(at);
    let sent = rooms.write("sendMessage", input, JOB).await;
    assert_eq!(
        (&sent["count"], &sent["messages"], &sent["bulkJob"]["startsAt"], &sent["bulkJob"]["kind"]),
        (&json!(1), &json!([]), &json!(at), &json!("MESSAGE"))
    );
    let job = text(&sent["bulkJob"]["id"]).parse().expect("an id");
    let worker = test.start_worker();
    // Neither the time that passes nor pausing and resuming begins it.
    test.clock.advance(TimeDelta::hours(24));
    test.apply_action(job, JobAction::Pause).await.expect("it pauses");
    test.apply_action(job, JobAction::Resume).await.expect("it resumes");
    let now = rooms.api.test.clock.now().to_rfc3339();
    let due = format!("select count(*) from bulk_jobs where due_at > timestamptz '{now}'");
    assert_eq!(test.test.number(&due).await, 1);
    // Anna is no longer new by then; this one is.
    add_people(&rooms, 1).await;
    test.clock.advance(TimeDelta::hours(1));
    finish(test, job).await;
    worker.stop().await;
    let sent: Vec<String> = test.mailbox.sent().into_iter().map(|email| email.to.address).collect();
    assert_eq!(sent, ["person0@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn named_recipients_can_be_scheduled_too_and_the_template_is_shown() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    let template = json!({"name": "News", "channel": "EMAIL", "format": "MARKDOWN", "subject": "News", "body": "Hello"});
    let made = rooms.write("createTemplate", template, "template { id }").await;
    let id = &made["template"]["id"];
    let input = json!({"selection": {"contactIds": [rooms.id()]}, "channel": "EMAIL", "templateId": id, "sendAt": in_hours(&rooms, 1)});
    let job = start(&rooms, input).await;
    let worker = test.start_worker();
    test.clock.advance(TimeDelta::hours(1));
    finish(test, job).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 1);
    rooms
        .write("sendLoginEmails", json!({"contactIds": [rooms.id()]}), "count")
        .await;
    let query = "{ messages { nodes { kind template { id name } } } }";
    let found = rooms.api.data(&rooms.owner, query, json!({})).await;
    let mut found = found["messages"]["nodes"].as_array().cloned().unwrap_or_default();
    found.sort_by_key(|one| text(&one["kind"]));
    assert_eq!(
        Value::Array(found),
        json!([{"kind": "LOGIN_EMAIL", "template": null}, {"kind": "WRITTEN", "template": {"id": id, "name": "News"}}])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_gone_when_the_job_begins_fails_it() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    let made = rooms.write("createSmartList", json!({"name": "All", "filter": {}}), "smartList { id }").await;
    let list = &made["smartList"]["id"];
    let mut input = to_all("Hello");
    input["selection"] = json!({"smartListId": list});
    input["sendAt"] = json!(in_hours(&rooms, 1));
    let job = start(&rooms, input).await;
    rooms.write("deleteSmartList", json!({"smartListId": list}), "deletedSmartListId").await;
    let worker = test.start_worker();
    test.clock.advance(TimeDelta::hours(1));
    let failed = test.wait_for_job(job, BulkJobStatus::Failed).await;
    worker.stop().await;
    assert!(failed.last_error.unwrap_or_default().contains("smart list"));
    assert!(test.mailbox.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_messages_than_asked_for_are_queued_in_a_minute() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    add_people(&rooms, 24).await;
    let mut input = to_all("Hello");
    input["perMinute"] = json!(10);
    let job = start(&rooms, input).await;
    let worker = test.start_worker();
    for minute in 1..=3 {
        let expected = (10 * minute).min(25);
        wait_until("the next are sent", async || {
            test.mailbox.sent().len() == expected as usize
        })
        .await;
        test.clock.advance(TimeDelta::seconds(29));
        let due = format!(
            "select count(*) from bulk_jobs where due_at <= timestamptz '{}'",
            test.clock.now().to_rfc3339()
        );
        if minute < 3 {
            assert_eq!((test.test.number(&due).await, test.find_job(job).await.done_count), (0, expected));
        }
        test.clock.advance(TimeDelta::seconds(31));
    }
    finish(test, job).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 25);
}
