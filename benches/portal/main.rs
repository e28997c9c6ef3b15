//! The figures of docs/operate/performance.md: each is a ratio of two things measured in one run, taken in turn, the median
//! of five pairs. Nothing is discarded. `scripts/bench` builds this and the server for release and runs it.

mod broadcast;
mod cpu;
mod http;
mod place;
mod sink;

use std::time::{Duration, Instant};

use http::{Load, load};
use place::Place;
use serde_json::json;

const PAIRS: usize = 5;
const TURN: Duration = Duration::from_millis(1_500);
const CONNECTIONS: usize = 32;

/// One line of the table.
struct Row {
    what: String,
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
            self.what, self.measured, self.against, self.limit
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests per second of two loads in turn: both medians, and the median of the pairs' ratios.
async fn against(place: &Place, one: &Load, other: &Load) -> (f64, f64, f64) {
    load(place.port, one, CONNECTIONS, TURN).await;
    load(place.port, other, CONNECTIONS, TURN).await;
    let (mut ones, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let first = load(place.port, one, CONNECTIONS, TURN).await;
        let second = load(place.port, other, CONNECTIONS, TURN).await;
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
    let place = Place::open().await;
    println!("| what | measured | against | ratio | limit |\n| --- | --- | --- | --- | --- |");
    // `scripts/bench redeem bulk` measures these alone.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|asked| asked == name);
    if wanted("queries") {
        queries(&place).await;
    }
    if wanted("redeem") {
        redeems(&place).await;
    }
    if wanted("bulk") {
        bulk(&place).await;
    }
    if wanted("broadcast") {
        to_all(&place).await;
    }
    if wanted("million") {
        million(&place).await;
        start(place).await;
    } else {
        place.close().await;
    }
}

async fn queries(place: &Place) {
    place.fill(1_000).await;
    let bare = Load::query(&place.token, "{ __typename }");
    for (what, query, limit) in [
        (
            "`portalStats`, 32 connections, verified JWT",
            "{ portalStats { invited active invitedTotal version } }",
            "≥ 0.6",
        ),
        (
            "`invitedUsers(first: 20)` with their invitations",
            "{ invitedUsers(first: 20) { nodes { id email name invitation { status expiresAt } } } }",
            "–",
        ),
        (
            "`viewer`",
            "{ viewer { __typename ... on TeamMember { id role } } }",
            "–",
        ),
    ] {
        let (one, other, ratio) = against(place, &Load::query(&place.token, query), &bare).await;
        Row {
            what: what.to_owned(),
            measured: per_second(one),
            against: format!("`__typename` {}", per_second(other)),
            ratio: Some(ratio),
            limit: limit.to_owned(),
        }
        .print();
    }
    let contact = Load::query(
        &place.token,
        &format!(
            "{{ contact(id: \"{}\") {{ id email name portalStatus tags }} }}",
            place.contact().await
        ),
    );
    let (one, other, ratio) = against(place, &contact, &bare).await;
    Row {
        what: "`contact(id)`".to_owned(),
        measured: per_second(one),
        against: format!("`__typename` {}", per_second(other)),
        ratio: Some(ratio),
        limit: "–".to_owned(),
    }
    .print();
}

async fn redeems(place: &Place) {
    let tokens = place.links(6_000).await;
    let (before, began) = (place.cpu().await, Instant::now());
    let query = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
    let loads = tokens
        .iter()
        .map(|token| Load::with(query, &json!({ "token": token })));
    let done = http::each(place.port, loads.collect(), CONNECTIONS, "\"accessToken\":\"").await;
    let rate = done as f64 / began.elapsed().as_secs_f64();
    assert_eq!(done, tokens.len(), "every link signs in");
    Row {
        what: format!(
            "redeem a magic link to a session: {}",
            place.cpu().await.since(before, done)
        ),
        measured: per_second(rate),
        against: "199/s (Better Auth 1.7, measured outside)".to_owned(),
        ratio: Some(rate / 199.0),
        limit: "≥ 15".to_owned(),
    }
    .print();
}

async fn to_all(place: &Place) {
    let measured = broadcast::measure(place, PAIRS).await;
    let pairs = measured.ours.iter().zip(&measured.raw);
    let ratio = median(pairs.map(|(ours, raw)| ours / raw).collect());
    Row {
        what: format!(
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
        what: "memory per subscription, one a socket".to_owned(),
        measured: format!("{:.1} KiB", measured.kib_each),
        against: "8 KiB".to_owned(),
        ratio: Some(measured.kib_each / 8.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
}

async fn bulk(place: &Place) {
    let mut ratios = Vec::new();
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    let mut used = String::new();
    for turn in 0..3 {
        let start = place.cpu().await;
        let invited = place.invite(turn, 10_000).await;
        used = place.cpu().await.since(start, 10_000);
        let bare = place.send_alone(10_000).await;
        ratios.push(invited / bare);
        ours.push(invited);
        alone.push(bare);
    }
    Row {
        what: format!("invite 10,000 contacts by a filter, mails per second to the last: {used}"),
        measured: per_second(median(ours)),
        against: format!("the pool alone {}", per_second(median(alone))),
        ratio: Some(median(ratios)),
        limit: "≥ 0.8".to_owned(),
    }
    .print();
}

async fn million(place: &Place) {
    let stats = Load::query(&place.token, "{ portalStats { invited active } }");
    let small = load(place.port, &stats, CONNECTIONS, TURN).await;
    place.fill(1_000_000).await;
    let rates = median(vec![
        load(place.port, &stats, CONNECTIONS, TURN).await,
        load(place.port, &stats, CONNECTIONS, TURN).await,
        load(place.port, &stats, CONNECTIONS, TURN).await,
    ]);
    Row {
        what: "`portalStats` at 1,000,000 contacts".to_owned(),
        measured: per_second(rates),
        against: format!("at 30,000 {}", per_second(small)),
        ratio: Some(rates / small),
        limit: "1.0".to_owned(),
    }
    .print();
    let first = Load::query(
        &place.token,
        "{ contacts(first: 20, orderBy: {field: EMAIL, direction: ASC}) { nodes { id email } } }",
    );
    let deep = Load::query(
        &place.token,
        &format!(
            "{{ contacts(first: 20, orderBy: {{field: EMAIL, direction: ASC}}, after: \"{}\") {{ nodes {{ id email }} }} }}",
            place.deep_cursor().await
        ),
    );
    let (far, near, ratio) = against(place, &deep, &first).await;
    Row {
        what: "page 10,000 of `contacts`, by address".to_owned(),
        measured: per_second(far),
        against: format!("page 1 {}", per_second(near)),
        ratio: Some(ratio),
        limit: "time ≤ 1.2 ×: rate ≥ 0.83".to_owned(),
    }
    .print();
}

async fn start(place: Place) {
    let (seconds, memory) = place.restart().await;
    Row {
        what: "start to the first answer, database initialised, 1,000,000 contacts".to_owned(),
        measured: format!("{seconds:.2} s"),
        against: "1 s".to_owned(),
        ratio: Some(seconds),
        limit: "≤ 1".to_owned(),
    }
    .print();
    Row {
        what: "server memory, idle, 1,000,000 contacts in the database".to_owned(),
        measured: format!("{memory:.1} MiB"),
        against: "40 MiB".to_owned(),
        ratio: Some(memory / 40.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
}
