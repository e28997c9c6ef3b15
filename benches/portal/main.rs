//! The figures of docs/operate/performance.md: each is a ratio of two things measured in one run, taken in turn, the median
//! of five pairs. Nothing is discarded. `scripts/bench` builds this and the server for release and runs it.

mod bench_server;
mod broadcast;
mod bulk;
mod contents;
mod cpu;
mod fill;
mod http;
mod million;
mod owner;
mod queries;
mod redeem;
mod row;
mod scale;
mod sink;
mod subscriptions;
mod workflows;
mod wrk;

use bench_server::BenchServer;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() {
    if broadcast::raw().await {
        return;
    }
    let server = BenchServer::open(scale::folder()).await;
    println!("| what | measured | against | ratio | limit |\n| --- | --- | --- | --- | --- |");
    if scale::requested() {
        scale::measure(server).await;
        return;
    }
    // `scripts/bench redeem bulk` measures only these.
    let selected: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_selected = |name: &str| selected.is_empty() || selected.iter().any(|selected| selected == name);
    if is_selected("queries") {
        queries::measure(&server).await;
    }
    if is_selected("redeem") {
        redeem::measure(&server).await;
    }
    if is_selected("bulk") {
        bulk::measure(&server).await;
    }
    if is_selected("contents") {
        contents::measure(&server).await;
    }
    if is_selected("workflows") {
        workflows::measure(&server).await;
    }
    if is_selected("broadcast") {
        subscriptions::measure(&server).await;
    }
    if is_selected("million") {
        million::measure(&server).await;
        million::start(server, "1,000,000").await;
    } else {
        server.close().await;
    }
}
