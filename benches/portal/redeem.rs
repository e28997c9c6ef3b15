//! Signing in by magic links.

use std::time::Instant;

use serde_json::json;

use crate::bench_server::BenchServer;
use crate::http::{self, Load};
use crate::row::{CONNECTIONS, Row, per_second};

pub async fn measure(server: &BenchServer) {
    let tokens = server.links(6_000).await;
    let (before, started_at) = (server.cpu().await, Instant::now());
    let query = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
    let loads = tokens
        .iter()
        .map(|token| Load::with(query, &json!({ "token": token })));
    let done = http::each(server.port, loads.collect(), CONNECTIONS, "\"accessToken\":\"").await;
    let rate = done as f64 / started_at.elapsed().as_secs_f64();
    assert_eq!(done, tokens.len(), "every link signs in");
    Row {
        name: format!(
            "redeem a magic link to a session: {}",
            server.cpu().await.since(before, done)
        ),
        measured: per_second(rate),
        against: "199/s (Better Auth 1.7, measured outside)".to_owned(),
        ratio: Some(rate / 199.0),
        limit: "≥ 15".to_owned(),
    }
    .print();
}
