//! An account of a million contacts, and the start of a server that has it.

use std::time::Duration;

use crate::bench_server::BenchServer;
use crate::contents;
use crate::http::{Load, load};
use crate::row::{CONNECTIONS, Row, TURN, compare, median, per_second};

pub async fn measure(server: &BenchServer) {
    let stats = Load::query(&server.token, "{ portalStats { invited active } }");
    let small = load(server.port, &stats, CONNECTIONS, TURN).await;
    server.fill(1_000_000).await;
    let rates = median(vec![
        load(server.port, &stats, CONNECTIONS, TURN).await,
        load(server.port, &stats, CONNECTIONS, TURN).await,
        load(server.port, &stats, CONNECTIONS, TURN).await,
    ]);
    Row {
        name: "`portalStats` at 1,000,000 contacts".to_owned(),
        measured: per_second(rates),
        against: format!("at 30,000 {}", per_second(small)),
        ratio: Some(rates / small),
        limit: "1.0".to_owned(),
    }
    .print();
    let first = Load::query(
        &server.token,
        "{ contacts(first: 20, orderBy: {field: EMAIL, direction: ASC}) { nodes { id email } } }",
    );
    let deep = Load::query(
        &server.token,
        &format!(
            "{{ contacts(first: 20, orderBy: {{field: EMAIL, direction: ASC}}, after: \"{}\") {{ nodes {{ id email }} }} }}",
            server.deep_cursor().await
        ),
    );
    let (far, near, ratio) = compare(server, &deep, &first).await;
    Row {
        name: "page 10,000 of `contacts`, by address".to_owned(),
        measured: per_second(far),
        against: format!("page 1 {}", per_second(near)),
        ratio: Some(ratio),
        limit: "time ≤ 1.2 ×: rate ≥ 0.83".to_owned(),
    }
    .print();
    contents::measure_many(server).await;
}

/// `contacts` is how many there are, in words.
pub async fn start(mut server: BenchServer, contacts: &str) {
    let seconds = server.restart().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let memory = server.memory() / 1_024.0;
    server.close().await;
    Row {
        name: format!("start to the first answer, database initialised, {contacts} contacts"),
        measured: format!("{seconds:.2} s"),
        against: "1 s".to_owned(),
        ratio: Some(seconds),
        limit: "≤ 1".to_owned(),
    }
    .print();
    Row {
        name: format!("server memory, idle, {contacts} contacts in the database"),
        measured: format!("{memory:.1} MiB"),
        against: "40 MiB".to_owned(),
        ratio: Some(memory / 40.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
}
