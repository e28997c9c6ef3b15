//! What happened before, and what others hold.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::entering::join;
use super::{Desk, add_tag, tag_added, wait_for, way};
use crate::support::wait_until;

/// Another workflow, so that events are queued.
async fn listener(desk: &Desk) -> String {
    desk.workflow(tag_added("vip"), json!([add_tag("tag", "seen", None)]), json!({}))
        .await
}

/// How many statements of this database wait for a lock.
const WAITING: &str = "select count(*) from pg_locks where not granted \
    and pid in (select pid from pg_stat_activity where datname = current_database())";

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_event_starts_no_workflow_that_was_published_after_it() {
    let desk = Desk::open_without_worker().await;
    let early = listener(&desk).await;
    desk.tag(&["vip"], &[]).await;
    let late = listener(&desk).await;
    assert_eq!(desk.number("select count(*) from workflow_events").await, 1);
    let desk = desk.with_worker();
    assert_eq!(desk.runs(&early).await.len(), 1);
    assert_eq!(desk.runs(&late).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_event_ends_no_wait_that_began_after_it() {
    let desk = Desk::open_without_worker().await;
    let awaited = json!({"event": {"trigger": "TAG_ADDED", "tags": ["later"]}, "atMost": {"amount": 1, "unit": "DAYS"}});
    let mut wait = json!({"key": "wait", "next": null, "otherwise": null});
    crate::contents::merge(&mut wait, awaited);
    let id = desk
        .workflow(tag_added("vip"), json!([{ "wait": wait }]), json!({}))
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.tag(&["later"], &[]).await;
    // The worker does not get the second event before the run waits.
    let client = desk.rooms.api.test.test.client().await;
    let hold = "begin; select from workflow_events order by position desc limit 1 for update";
    client.batch_execute(hold).await.expect("it is held");
    let desk = desk.with_worker();
    wait_until("the run waits", async || {
        desk.number("select count(*) from workflow_runs where waiting")
            .await
            == 1
    })
    .await;
    client.batch_execute("commit").await.expect("it ends");
    assert_eq!(way(&desk.run(&id).await), ["wait:-"]);
    desk.tag(&[], &["later"]).await;
    desk.tag(&["later"], &[]).await;
    assert_eq!(way(&desk.run(&id).await), ["wait:MATCHED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_waits_for_steps_that_are_under_way() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let mail = |next: Value| json!({"sendEmail": {"key": "mail", "templateId": template, "next": next}});
    let steps = json!([mail(json!("tag")), add_tag("tag", "done", None)]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    let update = json!({"workflowId": id, "steps": [mail(Value::Null)]});
    desk.rooms
        .write("updateWorkflow", update, "workflow { id }")
        .await;
    let client = desk.rooms.api.test.test.client().await;
    client
        .batch_execute("begin; lock table message_days")
        .await
        .expect("it is held");
    desk.tag(&["vip"], &[]).await;
    wait_until("the step is under way", async || desk.number(WAITING).await == 1).await;
    let publish = desk.publish(&id, json!({"inFlight": "MOVE"}));
    let release = async {
        wait_until("publishing waits", async || desk.number(WAITING).await == 2).await;
        client.batch_execute("commit").await.expect("it ends");
    };
    let (published, ()) = tokio::join!(publish, release);
    assert_eq!(
        published["inFlight"],
        json!({"finishing": 0, "moved": 0, "stopped": 1})
    );
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], &run["endReason"]),
        (&json!("STOPPED"), &json!("STEP_REMOVED"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_run_stops_if_the_new_version_lacks_its_trigger() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(
            tag_added("vip"),
            json!([wait_for("pause", 1, "HOURS", None)]),
            json!({}),
        )
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let update = json!({"workflowId": id, "triggers": [{"trigger": "OFFER_ACCESS_GRANTED"}]});
    desk.rooms
        .write("updateWorkflow", update, "workflow { id }")
        .await;
    let published = desk.publish(&id, json!({"inFlight": "MOVE"})).await;
    assert_eq!(
        published["inFlight"],
        json!({"finishing": 0, "moved": 0, "stopped": 1})
    );
    assert_eq!(desk.run(&id).await["endReason"], "TRIGGER_REMOVED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_workflow_holds_up_no_other_one() {
    let desk = Desk::open().await;
    let (locked, free) = (
        listener(&desk).await,
        desk.workflow(
            tag_added("old"),
            json!([
                wait_for("pause", 1, "HOURS", Some("tag")),
                add_tag("tag", "seen", None)
            ]),
            json!({}),
        )
        .await,
    );
    desk.tag(&["old"], &[]).await;
    desk.settle().await;
    let client = desk.rooms.api.test.test.client().await;
    let hold =
        "begin; select from workflows where published_version = 1 order by id limit 1 for no key update";
    client.batch_execute(hold).await.expect("it is held");
    desk.tag(&["vip"], &[]).await;
    desk.advance(TimeDelta::hours(2));
    wait_until("the other run goes on", async || {
        desk.number("select count(*) from workflow_runs where status = 'COMPLETED'")
            .await
            == 1
    })
    .await;
    client.batch_execute("commit").await.expect("it ends");
    assert_eq!(desk.runs(&locked).await.len(), 1);
    assert_eq!(desk.runs(&free).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_in_a_pause_that_drops_events_stays_dropped() {
    for ends_by in ["resumeWorkflow", "publishWorkflow"] {
        let desk = Desk::open().await;
        let settings = json!({"settings": {"stopOnJoin": true}});
        let steps = json!([wait_for("pause", 1, "DAYS", None)]);
        let id = desk.workflow(tag_added("vip"), steps, settings).await;
        desk.tag(&["vip"], &[]).await;
        desk.settle().await;
        let pause = json!({"workflowId": id, "keepEvents": false});
        desk.rooms.write("pauseWorkflow", pause, "workflow { id }").await;
        desk.advance(TimeDelta::seconds(1));
        let now = desk.rooms.api.test.clock.now().to_rfc3339();
        let test = &desk.rooms.api.test.test;
        test.run(&format!("update contacts set joined_at = '{now}'"))
            .await;
        join(&desk).await;
        let input = json!({"workflowId": id});
        let ended = desk
            .rooms
            .write(ends_by, input, "workflow { status keepsEvents pausedAt }")
            .await;
        let expected = json!({"status": "PUBLISHED", "keepsEvents": true, "pausedAt": null});
        assert_eq!(ended["workflow"], expected, "{ends_by}");
        assert_eq!(desk.run(&id).await["endReason"], "JOINED", "{ends_by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_in_a_circle_ends_after_ten_thousand_steps() {
    let desk = Desk::open().await;
    let steps = json!([
        wait_for("pause", 1, "HOURS", Some("tag")),
        add_tag("tag", "round", Some("pause"))
    ]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    desk.rooms
        .api
        .test
        .test
        .run("update workflow_runs set step_count = 9999")
        .await;
    desk.advance(TimeDelta::hours(1));
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], &run["endReason"]),
        (&json!("STOPPED"), &json!("LOOP"))
    );
}
