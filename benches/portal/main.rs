//! The figures of docs/operate/performance.md: each is a ratio of two things measured in one run, taken in turn, the median
//! of five pairs. Nothing is discarded. `scripts/bench` builds this and the server for release and runs it.

mod bench_server;
mod broadcast;
mod contents;
mod cpu;
mod http;
mod sink;
mod workflows;
mod wrk;

use std::time::{Duration, Instant};

use bench_server::BenchServer;
use http::{Load, load};
use serde_json::json;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const PAIRS: usize = 5;
const TURN: Duration = Duration::from_millis(1_500);
const CONNECTIONS: usize = 32;

/// A row of the table.
struct Row {
    name: String,
    measured: String,
    against: String,
    ratio: Option<f64>,
    limit: String,
}

impl Row {
    fn print(&self) {
        let ratio = self.ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        println!(
            "| {} | {} | {} | {ratio} | {} |",
            self.name, self.measured, self.against, self.limit
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests per second of two loads, measured alternately: both medians, and the median of the ratios.
async fn compare(server: &BenchServer, one: &Load, other: &Load) -> (f64, f64, f64) {
    load(server.port, one, CONNECTIONS, TURN).await;
    load(server.port, other, CONNECTIONS, TURN).await;
    let (mut ones, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let first = load(server.port, one, CONNECTIONS, TURN).await;
        let second = load(server.port, other, CONNECTIONS, TURN).await;
        ones.push(first);
        others.push(second);
        ratios.push(first / second);
    }
    (median(ones), median(others), median(ratios))
}

fn per_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}

#[tokio::main]
async fn main() {
    if broadcast::raw().await {
        return;
    }
    let server = BenchServer::open().await;
    println!("| what | measured | against | ratio | limit |\n| --- | --- | --- | --- | --- |");
    // `scripts/bench redeem bulk` measures only these.
    let selected: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_selected = |name: &str| selected.is_empty() || selected.iter().any(|selected| selected == name);
    if is_selected("queries") {
        queries(&server).await;
    }
    if is_selected("redeem") {
        redeems(&server).await;
    }
    if is_selected("bulk") {
        bulk(&server).await;
    }
    if is_selected("contents") {
        contents::measure(&server).await;
    }
    if is_selected("workflows") {
        workflows::measure(&server).await;
    }
    if is_selected("broadcast") {
        broadcast_to_readers(&server).await;
    }
    if is_selected("million") {
        million(&server).await;
        start(server).await;
    } else {
        server.close().await;
    }
}

/// Two loads of one server, to compare.
struct QueryRow<'a> {
    name: &'static str,
    load: Load,
    against: (&'static str, &'a Load),
    limit: &'static str,
}

async fn queries(server: &BenchServer) {
    server.fill(1_000).await;
    let stats = "{ portalStats { invited active invitedTotal version } }";
    let list = "{ invitedUsers(first: 20) { nodes { id email name invitation { status expiresAt } } } }";
    let id = server.contact().await;
    let contact = format!("{{ contact(id: \"{id}\") {{ id email name portalStatus tags }} }}");
    let by_token = |query: &str| Load::query(&server.token, query);
    let (bare, with_token) = (by_token("{ __typename }"), by_token(stats));
    let row = |name, load, limit| QueryRow {
        name,
        load,
        against: ("`__typename`", &bare),
        limit,
    };
    let viewer = "{ viewer { __typename ... on TeamMember { id role } } }";
    let rows = [
        row(
            "`portalStats`, 32 connections, verified JWT",
            with_token.clone(),
            "≥ 0.75",
        ),
        QueryRow {
            name: "`portalStats`, API key",
            load: Load::query(&server.key, stats),
            against: ("with a JWT", &with_token),
            limit: "≥ 0.9",
        },
        row("`viewer` with its id and role", by_token(viewer), "≥ 0.7"),
        row(
            "`invitedUsers(first: 20)` with their invitations",
            by_token(list),
            "–",
        ),
        row("`contact(id)`", by_token(&contact), "–"),
    ];
    for row in rows {
        let (one, other, ratio) = compare(server, &row.load, row.against.1).await;
        Row {
            name: row.name.to_owned(),
            measured: per_second(one),
            against: format!("{} {}", row.against.0, per_second(other)),
            ratio: Some(ratio),
            limit: row.limit.to_owned(),
        }
        .print();
    }
}

async fn redeems(server: &BenchServer) {
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

async fn broadcast_to_readers(server: &BenchServer) {
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

async fn bulk(server: &BenchServer) {
    let mut ratios = Vec::new();
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    let mut used = String::new();
    for turn in 0..3 {
        let start = server.cpu().await;
        let invited = server.invite(turn, 10_000).await;
        used = server.cpu().await.since(start, 10_000);
        let bare = server.send_alone(10_000).await;
        ratios.push(invited / bare);
        ours.push(invited);
        alone.push(bare);
    }
    Row {
        name: format!("invite 10,000 contacts by a filter, mails per second to the last: {used}"),
        measured: per_second(median(ours)),
        against: format!("the pool alone {}", per_second(median(alone))),
        ratio: Some(median(ratios)),
        limit: "≥ 0.8".to_owned(),
    }
    .print();
}

async fn million(server: &BenchServer) {
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

async fn start(server: BenchServer) {
    let (seconds, memory) = server.restart().await;
    Row {
        name: "start to the first answer, database initialised, 1,000,000 contacts".to_owned(),
        measured: format!("{seconds:.2} s"),
        against: "1 s".to_owned(),
        ratio: Some(seconds),
        limit: "≤ 1".to_owned(),
    }
    .print();
    Row {
        name: "server memory, idle, 1,000,000 contacts in the database".to_owned(),
        measured: format!("{memory:.1} MiB"),
        against: "40 MiB".to_owned(),
        ratio: Some(memory / 40.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
}
