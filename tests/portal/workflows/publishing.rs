//! Versions, and the runs of earlier ones.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, add_tag, tag_added, wait_for, way};
use crate::support::wait_until;

/// A wait of a day, then a tag.
fn steps(pause: &str, tag: &str) -> Value {
    json!([wait_for(pause, 1, "DAYS", Some("tag")), add_tag("tag", tag, None)])
}

async fn change(desk: &Desk, id: &str, steps: Value) {
    let update = json!({"workflowId": id, "steps": steps});
    desk.rooms
        .write("updateWorkflow", update, "workflow { id }")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_stays_as_it_was_until_the_next_publication() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(tag_added("vip"), steps("pause", "one"), json!({}))
        .await;
    change(&desk, &id, steps("pause", "two")).await;
    let query = "query ($id: ID!) { workflow(id: $id) { version hasChanges } }";
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, query, json!({"id": id}))
        .await;
    assert_eq!(shown["workflow"], json!({"version": 1, "hasChanges": true}));
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    desk.advance(TimeDelta::days(1));
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["version"], way(&run)),
        (&json!(1), vec!["pause:WAITED".to_owned(), "tag:DONE".to_owned()])
    );
    assert_eq!(desk.tags().await, ["one", "vip"]);
    let published = desk.publish(&id, json!({})).await;
    assert_eq!(
        (
            &published["workflow"]["version"],
            &published["workflow"]["hasChanges"]
        ),
        (&json!(2), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_in_flight_finish_move_or_stop() {
    for (mode, counts, outcome) in [
        ("FINISH", json!({"finishing": 1, "moved": 0, "stopped": 0}), "one"),
        ("MOVE", json!({"finishing": 0, "moved": 1, "stopped": 0}), "two"),
        ("STOP", json!({"finishing": 0, "moved": 0, "stopped": 1}), ""),
    ] {
        let desk = Desk::open().await;
        let id = desk
            .workflow(tag_added("vip"), steps("pause", "one"), json!({}))
            .await;
        desk.tag(&["vip"], &[]).await;
        desk.settle().await;
        change(&desk, &id, steps("pause", "two")).await;
        let shown = desk.publish(&id, json!({"inFlight": mode, "dryRun": true})).await;
        assert_eq!(
            (&shown["inFlight"], &shown["workflow"]["version"]),
            (&counts, &json!(1)),
            "{mode}"
        );
        assert_eq!(desk.run(&id).await["status"], "RUNNING");
        let published = desk.publish(&id, json!({"inFlight": mode})).await;
        assert_eq!(published["inFlight"], counts, "{mode}");
        desk.advance(TimeDelta::days(1));
        let run = desk.run(&id).await;
        let tags: Vec<String> = desk.tags().await.into_iter().filter(|tag| tag != "vip").collect();
        assert_eq!(tags.join(" "), outcome, "{mode}");
        if mode == "STOP" {
            assert_eq!(
                (&run["status"], &run["endReason"]),
                (&json!("STOPPED"), &json!("REPLACED"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_run_whose_step_is_gone_stops_and_one_whose_step_changed_begins_it_anew() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(tag_added("vip"), steps("pause", "one"), json!({}))
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let longer = json!([
        wait_for("pause", 2, "DAYS", Some("tag")),
        add_tag("tag", "one", None)
    ]);
    change(&desk, &id, longer).await;
    desk.advance(TimeDelta::hours(12));
    desk.publish(&id, json!({"inFlight": "MOVE"})).await;
    let run = desk.run(&id).await;
    assert_eq!(run["dueAt"], "2026-01-07T22:00:00.000000Z");
    change(&desk, &id, steps("other", "one")).await;
    let moved = desk.publish(&id, json!({"inFlight": "MOVE"})).await;
    assert_eq!(moved["inFlight"]["stopped"], 1);
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], &run["endReason"]),
        (&json!("STOPPED"), &json!("STEP_REMOVED"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_sends_what_its_template_said_when_it_was_published() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({"body": "First"})).await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": template}}]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    let update = json!({"templateId": template, "expectedVersion": 1, "body": "Second"});
    desk.rooms
        .write("updateTemplate", update, "template { id }")
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.run(&id).await;
    let mailbox = &desk.rooms.api.test.mailbox;
    wait_until("sent", async || mailbox.sent().len() == 1).await;
    assert!(mailbox.sent()[0].text.contains("First"));
    desk.publish(&id, json!({})).await;
    desk.tag(&[], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    wait_until("sent", async || mailbox.sent().len() == 2).await;
    assert!(mailbox.sent()[1].text.contains("Second"));
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_what_is_published_makes_no_version_and_changes_no_run() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([wait_for("pause", 1, "DAYS", Some("mail")), {"sendEmail": {"key": "mail", "templateId": template}}]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let rename = json!({"workflowId": id, "name": "Another name"});
    desk.rooms
        .write("updateWorkflow", rename, "workflow { id }")
        .await;
    for more in [
        json!({}),
        json!({"inFlight": "STOP"}),
        json!({"inFlight": "MOVE", "dryRun": true}),
    ] {
        let again = desk.publish(&id, more).await;
        assert_eq!(again["workflow"]["version"], 1);
        assert_eq!(
            again["inFlight"],
            json!({"finishing": 0, "moved": 0, "stopped": 0})
        );
    }
    assert_eq!(desk.run(&id).await["status"], "RUNNING");
    let published = "select count(*) from audit_events where kind = 'WORKFLOW_PUBLISHED'";
    assert_eq!(desk.number(published).await, 1);
    // Even if it could not be published as it is.
    let archive = json!({"templateId": template});
    desk.rooms
        .write("archiveTemplate", archive, "template { id }")
        .await;
    assert_eq!(desk.publish(&id, json!({})).await["workflow"]["version"], 1);
    assert_eq!(desk.number("select count(*) from mailings").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_what_is_published_still_moves_runs_of_earlier_versions() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(tag_added("vip"), steps("pause", "one"), json!({}))
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    change(&desk, &id, steps("pause", "two")).await;
    desk.publish(&id, json!({"inFlight": "FINISH"})).await;
    let again = desk.publish(&id, json!({"inFlight": "FINISH"})).await;
    assert_eq!(again["workflow"]["version"], 2);
    let moved = desk.publish(&id, json!({"inFlight": "MOVE"})).await;
    assert_eq!(
        moved["inFlight"],
        json!({"finishing": 0, "moved": 1, "stopped": 0})
    );
    desk.settle().await;
    desk.advance(TimeDelta::days(1));
    desk.run(&id).await;
    assert_eq!(desk.tags().await, ["two", "vip"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_what_is_published_resumes_a_workflow_that_is_paused() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(tag_added("vip"), steps("pause", "one"), json!({}))
        .await;
    desk.rooms
        .write("pauseWorkflow", json!({"workflowId": id}), "workflow { id }")
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let again = desk.publish(&id, json!({})).await;
    assert_eq!(
        (&again["workflow"]["status"], &again["workflow"]["version"]),
        (&json!("PUBLISHED"), &json!(1))
    );
    desk.settle().await;
    desk.advance(TimeDelta::days(1));
    assert_eq!(desk.run(&id).await["status"], "COMPLETED");
    let resumed = "select count(*) from audit_events where kind = 'WORKFLOW_RESUMED'";
    assert_eq!(desk.number(resumed).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_a_template_names_the_workflows_that_go_on_sending_it() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": template}}]);
    let published = desk.workflow(tag_added("vip"), steps.clone(), json!({})).await;
    let paused = desk.workflow(tag_added("other"), steps.clone(), json!({})).await;
    desk.rooms
        .write("pauseWorkflow", json!({"workflowId": paused}), "workflow { id }")
        .await;
    let away = desk.workflow(tag_added("other"), steps.clone(), json!({})).await;
    desk.rooms
        .write("archiveWorkflow", json!({"workflowId": away}), "stopped")
        .await;
    desk.draft(tag_added("vip"), steps, json!({})).await;
    desk.workflow(tag_added("vip"), json!([add_tag("tag", "a", None)]), json!({}))
        .await;
    // Only its draft does without the template.
    change(&desk, &published, json!([add_tag("tag", "a", None)])).await;
    let archive = json!({"templateId": template});
    let archived = desk
        .rooms
        .write("archiveTemplate", archive, "template { status } workflows { id }")
        .await;
    assert_eq!(archived["template"]["status"], "ARCHIVED");
    let named = archived["workflows"].as_array().expect("workflows");
    let mut named: Vec<&str> = named.iter().filter_map(|one| one["id"].as_str()).collect();
    named.sort_unstable();
    let mut expected = [&paused[..], &published[..]];
    expected.sort_unstable();
    assert_eq!(named, expected);
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.run(&published).await), ["mail:DONE"]);
    let mailbox = &desk.rooms.api.test.mailbox;
    wait_until("sent", async || mailbox.sent().len() == 1).await;
}
