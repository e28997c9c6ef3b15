//! Counts, pages and single contacts, against an account of 1,000 contacts or another page.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use vestibule::base::clock::Clock;
use vestibule::base::ids::ContactId;

use super::Scale;
use super::person::{MICROS_PER_DAY, id_at, mixed};
use crate::bench_server::uuid;
use crate::http::{Load, seconds_of_each};
use crate::row::{CONNECTIONS, PAIRS, Row, compare, median, per_second};
use crate::subscriptions;

const STATS: &str = "{ portalStats { invited active invitedTotal activeLast30Days version } }";
const FAR: usize = 200_000;

pub async fn measure(scale: &Scale<'_>) {
    against_small(scale).await;
    far_pages(scale).await;
    history(scale).await;
    first_frame(scale).await;
    random_contacts(scale).await;
    random_accounts(scale).await;
}

/// Two loads in turns.
struct Pair<'a> {
    name: String,
    one: Load,
    other: Load,
    against: &'a str,
    limit: &'a str,
}

impl Pair<'_> {
    async fn measure(self, scale: &Scale<'_>) {
        let refused = scale.server.send(&self.one).await.err();
        let row = |measured, against, ratio| Row {
            name: self.name.clone(),
            measured,
            against,
            ratio,
            limit: self.limit.to_owned(),
        };
        if let Some(refusal) = refused {
            row(format!("refused, {refusal}"), "–".to_owned(), None).print();
            return;
        }
        let (one, other, ratio) = compare(scale.server, &self.one, &self.other).await;
        let against = format!("{} {}", self.against, per_second(other));
        row(per_second(one), against, Some(ratio)).print();
    }
}

async fn against_small(scale: &Scale<'_>) {
    let contact = |place: usize| {
        let id = scale.contacts[place];
        format!("{{ contact(id: \"{id}\") {{ id email name portalStatus tags }} }}")
    };
    let list = |field: &str| format!("{{ {field}(first: 20) {{ nodes {{ id email name }} }} }}");
    let messages = "{ messages(first: 20) { nodes { id status subject } } }".to_owned();
    for (name, queries, limit) in [
        ("`portalStats`", [STATS.to_owned(), STATS.to_owned()], "≥ 0.95"),
        ("`contact(id)`", [contact(0), contact(1)], "–"),
        (
            "`invitedUsers(first: 20)`",
            [list("invitedUsers"), list("invitedUsers")],
            "–",
        ),
        (
            "`activeUsers(first: 20)`",
            [list("activeUsers"), list("activeUsers")],
            "–",
        ),
        ("`messages(first: 20)`", [messages.clone(), messages], "–"),
    ] {
        Pair {
            name: scale.size.at(name),
            one: Load::query(&scale.server.key, &queries[0]),
            other: Load::query(&scale.small, &queries[1]),
            against: "at 1,000",
            limit,
        }
        .measure(scale)
        .await;
    }
}

/// Pages of 20 contacts.
async fn far_pages(scale: &Scale<'_>) {
    let server = scale.server;
    server.execute("set work_mem = '512MB'").await;
    for (order, list, key, words) in [
        (
            "EMAIL, direction: ASC",
            "contacts/Email/ASC",
            "email_key",
            "by address",
        ),
        (
            "CREATED_AT, direction: DESC",
            "contacts/CreatedAt/DESC",
            "''::text",
            "newest first",
        ),
        ("NAME, direction: ASC", "contacts/Name/ASC", "name_key", "by name"),
    ] {
        let count = FAR.min(scale.size.contacts / 2);
        let cursor = server.cursor(list, key, count).await;
        let page = |after: &str| {
            let query = format!(
                "{{ contacts(first: 20, orderBy: {{field: {order}}}{after}) {{ nodes {{ id email name }} }} }}"
            );
            Load::query(&server.key, &query)
        };
        Pair {
            name: scale
                .size
                .at(&format!("page {} of `contacts`, {words}", count / 20)),
            one: page(&format!(", after: \"{cursor}\"")),
            other: page(""),
            against: "page 1",
            limit: "≥ 0.9",
        }
        .measure(scale)
        .await;
    }
}

/// A query that is sent by one caller at a time.
pub struct Timed {
    pub name: String,
    pub load: Load,
    /// The seconds allowed, if there is a limit.
    pub limit: Option<f64>,
    pub against: String,
}

impl Timed {
    pub async fn measure(self, scale: &Scale<'_>) {
        let limit = self.limit.map_or("–".to_owned(), |_| "≤ 1".to_owned());
        let (measured, ratio) = match seconds(scale, &self.load).await {
            Ok(seconds) => (format!("{seconds:.3} s"), self.limit.map(|limit| seconds / limit)),
            Err(refusal) => (format!("refused, {refusal}"), None),
        };
        Row {
            name: self.name,
            measured,
            against: self.against,
            ratio,
            limit,
        }
        .print();
    }
}

/// How often a query is sent: PostgreSQL chooses a plan for all values of a statement after its fifth execution.
const TIMES: usize = 12;
/// Slow queries are sent less often.
const PATIENCE: Duration = Duration::from_secs(20);

/// The median of the last five, unless one is refused.
pub async fn seconds(scale: &Scale<'_>, load: &Load) -> Result<f64, String> {
    let mut seconds = Vec::new();
    let begun_at = Instant::now();
    while seconds.len() < TIMES && (seconds.len() < PAIRS || begun_at.elapsed() < PATIENCE) {
        let started_at = Instant::now();
        let sent = scale.server.send(load).await;
        let took = started_at.elapsed().as_secs_f64();
        let place = seconds.len() + 1;
        sent.map_err(|refusal| format!("request {place}, {refusal} ({took:.1} s)"))?;
        seconds.push(took);
    }
    Ok(median(seconds.split_off(seconds.len() - PAIRS)))
}

async fn history(scale: &Scale<'_>) {
    let today = Clock::System.now().date_naive();
    for (interval, days) in [("DAY", 29), ("WEEK", 365), ("MONTH", 700)] {
        let from = today - TimeDelta::days(days);
        let query = format!(
            "{{ portalStatsHistory(from: \"{from}\", to: \"{today}\", interval: {interval}) {{ date invited joined active }} }}"
        );
        let small = seconds(scale, &Load::query(&scale.small, &query)).await;
        Timed {
            name: scale.size.at(&format!(
                "`portalStatsHistory`, {} days by {}",
                days + 1,
                interval.to_lowercase()
            )),
            load: Load::query(&scale.server.key, &query),
            limit: None,
            against: format!("at 1,000 {:.3} s", small.unwrap_or(f64::NAN)),
        }
        .measure(scale)
        .await;
    }
}

async fn first_frame(scale: &Scale<'_>) {
    let large = subscriptions::first_frame(scale.server, &scale.server.key).await;
    let small = subscriptions::first_frame(scale.server, &scale.small).await;
    Row {
        name: scale
            .size
            .at("a subscription to `portalStats`, from opening the socket to the first frame"),
        measured: format!("{:.1} ms", large * 1_000.0),
        against: format!("at 1,000 {:.1} ms", small * 1_000.0),
        ratio: Some(large / small),
        limit: "–".to_owned(),
    }
    .print();
}

/// Contacts that were not read before, from all over the account.
async fn random_contacts(scale: &Scale<'_>) {
    let query = format!(
        "select id::text from contacts where account_id = '{}' and id < $1::text::uuid order by contacts.id desc limit 1",
        scale.server.account.0
    );
    let now = Clock::System.now().timestamp_micros();
    let mut loads = Vec::new();
    for number in 0..1_000 {
        let days = 10 + mixed(number) % 680;
        let before = id_at(now - days as i64 * MICROS_PER_DAY, number).to_string();
        let row = scale.server.sql.query_one(&query, &[&before]).await;
        let id = ContactId(uuid(&row.expect("a contact"), 0));
        let query = format!("{{ contact(id: \"{id}\") {{ id email name }} }}");
        loads.push(Load::query(&scale.server.key, &query));
    }
    each_once(scale, "`contact(id)` of 1,000 contacts, each once", &loads).await;
}

/// Accounts that were not asked before.
async fn random_accounts(scale: &Scale<'_>) {
    let loads: Vec<Load> = scale.keys.iter().map(|key| Load::query(key, STATS)).collect();
    let name = format!("`portalStats` of {} other accounts, each once", loads.len());
    each_once(scale, &name, &loads).await;
}

/// Each once, then each again.
async fn each_once(scale: &Scale<'_>, name: &str, loads: &[Load]) {
    let mut texts = Vec::new();
    for _ in 0..2 {
        let started_at = Instant::now();
        let seconds = seconds_of_each(scale.server.port, loads, CONNECTIONS).await;
        let rate = loads.len() as f64 / started_at.elapsed().as_secs_f64();
        let p99 = seconds.get(seconds.len() * 99 / 100).copied().unwrap_or(f64::NAN);
        texts.push((rate, format!("{}, p99 {:.1} ms", per_second(rate), p99 * 1_000.0)));
    }
    Row {
        name: scale.size.at(name),
        measured: texts[0].1.clone(),
        against: format!("each again {}", texts[1].1),
        ratio: Some(texts[0].0 / texts[1].0),
        limit: "–".to_owned(),
    }
    .print();
}
