//! What is counted, and what is left of runs that ended long ago.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use vestibule::worker::Worker;

use super::{Desk, add_tag, offer, tag_added, wait_for, way};
use crate::support::wait_until;

const COUNTS: &str = "query ($id: ID!) { workflow(id: $id) { counts { stepKey waiting done skipped failed matched notMatched } } }";

async fn counts(desk: &Desk, id: &str) -> Value {
    desk.settle().await;
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, COUNTS, json!({"id": id}))
        .await;
    shown["workflow"]["counts"].clone()
}

/// The counts of a step: those that are not 0.
fn count(key: &str, more: Value) -> Value {
    let mut expected = json!({"stepKey": key, "waiting": 0, "done": 0, "skipped": 0, "failed": 0, "matched": 0, "notMatched": 0});
    crate::contents::merge(&mut expected, more);
    expected
}

/// A whole round, when no other worker sweeps.
async fn sweep(desk: &Desk) {
    let worker = Worker::new(desk.rooms.api.test.parts.clone());
    wait_until("it sweeps", async || {
        worker.sweep(&CancellationToken::new()).await.expect("it sweeps")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ways_and_outcomes_of_all_runs_are_counted_once() {
    let desk = Desk::open().await;
    let title = offer(&desk.rooms, "An offer").await;
    let event = json!({"trigger": "TAG_ADDED", "tags": ["wanted"]});
    let steps = json!([
        {"branch": {"key": "ask", "condition": {"tags": ["old"]}, "next": "wait", "otherwise": "wait"}},
        {"wait": {"key": "wait", "event": event, "atMost": {"amount": 1, "unit": "HOURS"}, "next": "grant", "otherwise": "tag"}},
        {"grantOffer": {"key": "grant", "offerId": title}},
        add_tag("tag", "late", None),
    ]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(
        counts(&desk, &id).await,
        json!([
            count("ask", json!({"done": 1, "notMatched": 1})),
            count("wait", json!({"waiting": 1}))
        ])
    );
    desk.advance(TimeDelta::hours(1));
    desk.settle().await;
    let archive = json!({"offerId": title, "status": "ARCHIVED"});
    desk.rooms.write("updateOffer", archive, "offer { id }").await;
    desk.tag(&["old"], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    desk.tag(&["wanted"], &[]).await;
    let expected = json!([
        count("ask", json!({"done": 2, "matched": 1, "notMatched": 1})),
        count("grant", json!({"failed": 1})),
        count("tag", json!({"done": 1})),
        count("wait", json!({"done": 2, "matched": 1, "notMatched": 1})),
    ]);
    assert_eq!(counts(&desk, &id).await, expected);
    let recorded = "select count(*) from (select step_key, outcome, count(*) from workflow_steps group by 1, 2 \
        except select step_key, outcome, count from workflow_step_counts) as missing";
    assert_eq!(desk.number(recorded).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_of_runs_that_ended_long_ago_are_deleted_and_the_counts_and_reentry_stay() {
    let desk = Desk::open().await;
    let mail = desk.template("Mail", json!({})).await;
    let steps = json!([
        wait_for("pause", 1, "HOURS", Some("mail")),
        {"sendEmail": {"key": "mail", "templateId": mail}},
    ]);
    let never = json!({"settings": {"reentry": "NEVER"}});
    let id = desk.workflow(tag_added("vip"), steps, never).await;
    let waits = json!([
        wait_for("long", 365, "DAYS", Some("longer")),
        wait_for("longer", 365, "DAYS", None)
    ]);
    let running = desk.workflow(tag_added("vip"), waits, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    desk.advance(TimeDelta::hours(1));
    desk.settle().await;
    let before = counts(&desk, &id).await;
    desk.advance(TimeDelta::days(400));
    desk.settle().await;
    sweep(&desk).await;
    assert_eq!(way(&desk.run(&id).await), ["pause:WAITED", "mail:DONE"]);
    desk.rooms.api.test.clock.advance(TimeDelta::microseconds(1));
    sweep(&desk).await;
    sweep(&desk).await;
    let run = desk.run(&id).await;
    assert_eq!(
        (way(&run), &run["status"]),
        (vec!["mail:DONE".to_owned()], &json!("COMPLETED"))
    );
    assert_eq!(counts(&desk, &id).await, before);
    // A run that goes on keeps what it did, however long ago.
    assert_eq!(way(&desk.run(&running).await), ["long:WAITED", "longer:-"]);
    desk.tag(&[], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_the_sweep_is_limited_by_steps_and_all_runs_get_their_turn() {
    let desk = Desk::open().await;
    let id = desk
        .workflow(tag_added("vip"), json!([add_tag("tag", "done", None)]), json!({}))
        .await;
    desk.tag(&["vip"], &[]).await;
    desk.run(&id).await;
    let copies = "insert into workflow_runs (account_id, id, workflow_id, version, contact_id, event_id, trigger, status, step_key, visit, \
            step_count, resting, generation, started_at, ended_at) \
        select account_id, gen_random_uuid(), workflow_id, version, contact_id, gen_random_uuid(), trigger, status, step_key, visit, \
            600, resting, generation, started_at, ended_at from workflow_runs, generate_series(1, 5); \
        insert into workflow_steps (account_id, run_id, step_key, visit, position, outcome, entered_at, done_at) \
        select account_id, id, 'tag', n, n, 'DONE', started_at, started_at from workflow_runs, generate_series(2, 601) as n \
        where step_count = 600";
    desk.rooms.api.test.test.run(copies).await;
    assert_eq!(desk.number("select count(*) from workflow_steps").await, 3_001);
    desk.rooms.api.test.clock.advance(TimeDelta::days(401));
    sweep(&desk).await;
    assert_eq!(desk.number("select count(*) from workflow_steps").await, 0);
    assert_eq!(desk.number("select count(*) from workflow_runs").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_messages_costs_as_many_statements_with_many_as_with_one() {
    let desk = Desk::open().await;
    let mail = desk.template("Mail", json!({})).await;
    let send =
        |key: &str, next: Option<&str>| json!({"sendEmail": {"key": key, "templateId": mail, "next": next}});
    let one = desk
        .workflow(tag_added("one"), json!([send("a", None)]), json!({}))
        .await;
    let steps = json!([send("a", Some("b")), send("b", Some("c")), send("c", None)]);
    let many = desk
        .workflow(
            tag_added("many"),
            steps,
            json!({"settings": {"reentry": "ALWAYS"}}),
        )
        .await;
    desk.tag(&["one", "many"], &[]).await;
    desk.settle().await;
    desk.tag(&[], &["many"]).await;
    desk.tag(&["many"], &[]).await;
    desk.settle().await;
    let sent = "select count(*) from messages where status = 'SENT'";
    wait_until("all are sent", async || desk.number(sent).await == 7).await;
    let query =
        "query ($id: ID!) { workflow(id: $id) { runs { nodes { steps { key message { status } } } } } }";
    let mut costs = Vec::new();
    for (id, steps) in [(&one, 1), (&many, 6)] {
        let shown = desk
            .rooms
            .api
            .data(&desk.rooms.owner, query, json!({"id": id}))
            .await;
        assert_eq!(shown.to_string().matches("\"SENT\"").count(), steps, "{shown}");
        let cost = desk.rooms.api.statements(async || {
            desk.rooms
                .api
                .data(&desk.rooms.owner, query, json!({"id": id}))
                .await;
        });
        costs.push(cost.await);
    }
    assert_eq!(costs[0], costs[1]);
}
