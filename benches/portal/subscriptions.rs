//! Subscriptions: how soon they send, and what they cost.

use std::time::Instant;

use futures_util::StreamExt;

use crate::bench_server::BenchServer;
use crate::broadcast;
use crate::row::{PAIRS, Row, median};

/// A change, to many at once.
pub async fn measure(server: &BenchServer) {
    let measured = broadcast::measure(server, PAIRS).await;
    let pairs = measured.ours.iter().zip(&measured.raw);
    let ratio = median(pairs.map(|(ours, raw)| ours / raw).collect());
    Row {
        name: format!(
            "a count change reaches the last of {} subscribers, from the mutation's sending on",
            broadcast::readers()
        ),
        measured: format!("{:.0} ms", median(measured.ours)),
        against: format!("a raw broadcast {:.0} ms", median(measured.raw)),
        ratio: Some(ratio),
        limit: "≤ 1.3".to_owned(),
    }
    .print();
    Row {
        name: "memory per subscription, one a socket".to_owned(),
        measured: format!("{:.1} KiB", measured.kib_each),
        against: "8 KiB".to_owned(),
        ratio: Some(measured.kib_each / 8.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
    Row {
        name: "server memory a minute after they left".to_owned(),
        measured: format!("{:.1} MiB", measured.kib_after / 1_024.0),
        against: format!("before they came {:.1} MiB", measured.kib_before / 1_024.0),
        ratio: Some(measured.kib_after / measured.kib_before),
        limit: "≤ 1.5".to_owned(),
    }
    .print();
}

/// Seconds from opening the socket to the first counts.
pub async fn first_frame(server: &BenchServer, credential: &str) -> f64 {
    let mut seconds = Vec::new();
    for _ in 0..PAIRS {
        let started_at = Instant::now();
        let mut socket = broadcast::subscribe(server.port, credential).await;
        socket.next().await.expect("the counts").expect("a frame");
        seconds.push(started_at.elapsed().as_secs_f64());
    }
    median(seconds)
}
