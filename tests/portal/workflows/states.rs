//! Pausing, resuming, archiving, stopping runs.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, add_tag, tag_added, wait_for, way};

async fn change(desk: &Desk, mutation: &str, id: &str, more: Value) -> Value {
    let mut input = json!({"workflowId": id});
    crate::contents::merge(&mut input, more);
    let selected = match mutation {
        "archiveWorkflow" | "stopWorkflowRuns" => "workflow { status } stopped",
        _ => "workflow { status }",
    };
    desk.rooms.write(mutation, input, selected).await
}

fn steps() -> Value {
    json!([
        wait_for("pause", 1, "HOURS", Some("tag")),
        add_tag("tag", "done", None)
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_rest_during_a_pause_and_go_on_after_it() {
    let desk = Desk::open().await;
    let id = desk.workflow(tag_added("vip"), steps(), json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let paused = change(&desk, "pauseWorkflow", &id, json!({})).await;
    assert_eq!(paused["workflow"]["status"], "PAUSED");
    desk.advance(TimeDelta::hours(2));
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], way(&run)),
        (&json!("RUNNING"), vec!["pause:-".to_owned()])
    );
    change(&desk, "resumeWorkflow", &id, json!({})).await;
    assert_eq!(way(&desk.run(&id).await), ["pause:WAITED", "tag:DONE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_pause_are_kept_or_dropped_as_it_says() {
    for (keep, expected) in [(true, 1), (false, 0)] {
        let desk = Desk::open().await;
        let id = desk
            .workflow(tag_added("vip"), json!([add_tag("tag", "done", None)]), json!({}))
            .await;
        change(&desk, "pauseWorkflow", &id, json!({"keepEvents": keep})).await;
        desk.tag(&["vip"], &[]).await;
        let runs = desk.runs(&id).await;
        assert_eq!(runs.len(), expected, "{keep}");
        assert!(runs.iter().all(|run| run["status"] == "RUNNING"));
        change(&desk, "resumeWorkflow", &id, json!({})).await;
        let runs = desk.runs(&id).await;
        assert_eq!(runs.len(), expected, "{keep}");
        assert!(runs.iter().all(|run| run["status"] == "COMPLETED"), "{runs:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_events_are_swept_after_seven_days() {
    let desk = Desk::open().await;
    let id = desk.workflow(tag_added("vip"), steps(), json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    change(&desk, "pauseWorkflow", &id, json!({})).await;
    let settings = json!({"settings": {"reentry": "ALWAYS"}});
    let other = desk.workflow(tag_added("late"), steps(), settings).await;
    change(&desk, "pauseWorkflow", &other, json!({})).await;
    desk.tag(&["late"], &[]).await;
    assert_eq!(desk.runs(&other).await.len(), 1);
    desk.advance(TimeDelta::days(7) + TimeDelta::seconds(1));
    let left = "select count(*) from workflow_runs";
    crate::support::wait_until("it is swept", async || desk.number(left).await == 1).await;
    // The run that had begun rests.
    assert_eq!(desk.run(&id).await["status"], "RUNNING");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_workflow_stops_and_starts_no_more() {
    let desk = Desk::open().await;
    let id = desk.workflow(tag_added("vip"), steps(), json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    let archived = change(&desk, "archiveWorkflow", &id, json!({})).await;
    assert_eq!(
        archived,
        json!({"workflow": {"status": "ARCHIVED"}, "stopped": 1})
    );
    assert_eq!(desk.run(&id).await["endReason"], "ARCHIVED");
    desk.tag(&[], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
    for mutation in [
        "publishWorkflow",
        "pauseWorkflow",
        "resumeWorkflow",
        "updateWorkflow",
    ] {
        let refused = desk.rooms.refused(mutation, json!({"workflowId": id})).await;
        assert_eq!(refused.0, "CONFLICT", "{mutation}");
    }
    let listed = "{ workflows { totalCount } all: workflows(status: [ARCHIVED]) { totalCount } }";
    let listed = desk.rooms.api.data(&desk.rooms.owner, listed, json!({})).await;
    assert_eq!(
        listed,
        json!({"workflows": {"totalCount": 0}, "all": {"totalCount": 1}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_or_all_are_stopped() {
    let desk = Desk::open().await;
    let always = json!({"settings": {"reentry": "ALWAYS"}});
    let id = desk.workflow(tag_added("vip"), steps(), always).await;
    for _ in 0..3 {
        desk.tag(&["vip"], &[]).await;
        desk.tag(&[], &["vip"]).await;
    }
    let runs = desk.runs(&id).await;
    assert_eq!(runs.len(), 3);
    let first = json!({"runIds": [runs[0]["id"]]});
    for expected in [1, 0] {
        let stopped = change(&desk, "stopWorkflowRuns", &id, first.clone()).await;
        assert_eq!(stopped["stopped"], expected);
    }
    let stopped = change(&desk, "stopWorkflowRuns", &id, json!({"all": true})).await;
    assert_eq!(stopped["stopped"], 2);
    let runs = desk.runs(&id).await;
    assert!(runs.iter().all(|run| run["endReason"] == "STAFF"), "{runs:#?}");
    for input in [
        json!({}),
        json!({"runIds": []}),
        json!({"runIds": ["x"], "all": true}),
        json!({"runIds": ["x"]}),
    ] {
        let mut input = input;
        crate::contents::merge(&mut input, json!({"workflowId": id}));
        let refused = desk.rooms.refused("stopWorkflowRuns", input).await;
        assert!(refused.1.starts_with("input.runIds"), "{refused:?}");
    }
}
