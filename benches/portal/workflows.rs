//! How fast runs of a workflow go from step to step.

use std::time::{Duration, Instant};

use crate::bench_server::BenchServer;
use crate::row::Row;

const RUNS: usize = 10_000;

/// The number of runs that wait at a step.
async fn waiting(server: &BenchServer, workflow: &str, key: &str) -> i64 {
    let query = format!("{{ workflow(id: \"{workflow}\") {{ counts {{ stepKey waiting done }} }} }}");
    let found = server.request_as_owner(&query).await;
    let counts = found["workflow"]["counts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let step = counts.iter().find(|count| count["stepKey"] == key);
    step.and_then(|count| count["waiting"].as_i64())
        .unwrap_or_default()
}

/// Seconds until all runs wait at a step.
async fn reached(server: &BenchServer, workflow: &str, key: &str) -> f64 {
    let started_at = Instant::now();
    while waiting(server, workflow, key).await < RUNS as i64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    started_at.elapsed().as_secs_f64()
}

pub async fn measure(server: &BenchServer) {
    server.fill(RUNS).await;
    let create = "mutation { createWorkflow(input: {name: \"Bench\", triggers: [{trigger: TAG_ADDED, tags: [\"bench\"]}], steps: [
        {wait: {key: \"first\", duration: {amount: 1, unit: DAYS}, next: \"tag\"}},
        {addTags: {key: \"tag\", tags: [\"advanced\"], next: \"second\"}},
        {wait: {key: \"second\", duration: {amount: 1, unit: DAYS}}}]}) { workflow { id } } }";
    let created = server.request_as_owner(create).await;
    let id = created["createWorkflow"]["workflow"]["id"]
        .as_str()
        .expect("an id");
    server
        .request_as_owner(&format!(
            "mutation {{ publishWorkflow(input: {{workflowId: \"{id}\"}}) {{ workflow {{ id }} }} }}"
        ))
        .await;
    let tag = "mutation { updateContactTags(input: {filter: {}, add: [\"bench\"]}) { count } }";
    server.request_as_owner(tag).await;
    reached(server, id, "first").await;
    // A run is at its step before its wait begins.
    server
        .execute(
            "do $$ begin while exists (select from workflow_runs where not waiting) loop perform pg_sleep(0.01); end loop; end $$",
        )
        .await;
    server
        .execute("update workflow_runs set due_at = now() where status = 'RUNNING'")
        .await;
    // The wait ends, the contact is tagged, another wait begins: three steps.
    let seconds = reached(server, id, "second").await;
    Row {
        name: "10,000 runs of a workflow advance a step".to_owned(),
        measured: format!("{:.2} s", seconds / 3.0),
        against: "30 s".to_owned(),
        ratio: Some(seconds / 3.0 / 30.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
}
