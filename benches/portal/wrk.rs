//! `wrk` as the client, a program of others: `scripts/bench --wrk`.

use std::time::Duration;

use tokio::process::Command;

use crate::http::{Connection, Load};

const THREADS: usize = 2;

/// Whether `wrk` sends the requests of the queries.
pub fn requested() -> bool {
    std::env::args().any(|arg| arg == "--wrk")
}

/// Requests per second.
pub async fn load(port: u16, load: &Load, connections: usize, time: Duration) -> f64 {
    // wrk looks at the status of a response only.
    let mut connection = Connection::open(port).await;
    let answer = connection.request(load).await;
    assert!(!answer.contains("\"errors\""), "{answer}");
    drop(connection);
    let script = std::env::temp_dir().join(format!("vestibule-bench-{}.lua", std::process::id()));
    std::fs::write(&script, load.wrk_script()).expect("the script");
    let seconds = time.as_secs_f64().ceil();
    let done = Command::new("wrk")
        .args([
            format!("-t{THREADS}"),
            format!("-c{connections}"),
            format!("-d{seconds}s"),
        ])
        .arg("-s")
        .arg(&script)
        .arg(format!("http://127.0.0.1:{port}/graphql"))
        .output()
        .await
        .expect("wrk runs");
    std::fs::remove_file(&script).expect("the script goes");
    let report = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && !report.contains("Non-2xx"), "{report}");
    let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    rate.and_then(|rate| rate.trim().parse().ok()).expect("a rate")
}
