//! Ten million contacts in one account, among ten thousand accounts: `scripts/bench --scale`.

mod accounts;
mod bulk_load;
mod check;
mod contacts;
mod copy;
mod person;
mod reads;
mod searches;
mod writes;

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream;
use vestibule::base::actor::Scope;
use vestibule::base::clock::Clock;
use vestibule::base::db::Db;
use vestibule::base::ids::{AccountId, ContactId, CourseId};
use vestibule::team::model::api_key::ApiKey;

use crate::bench_server::{BenchServer, uuid};
use crate::contents;
use crate::million;
use accounts::NewAccount;
use bulk_load::BulkLoad;
use contacts::NewContacts;

/// Each part has its own connection, so that the counts are spread over all their rows.
const PARTS: usize = 40;
const SMALL: usize = 1_000;
/// The contacts of each other account.
const FEW: usize = 20;
/// The accounts of which each is asked once.
const ASKED: usize = 1_000;

/// The filled server.
pub struct Scale<'a> {
    server: &'a BenchServer,
    size: Size,
    course: String,
    /// An account of 1,000 contacts.
    small: Asked,
    /// Contacts of `bench` and of the small account.
    contacts: [ContactId; 2],
    /// The keys of other accounts.
    keys: Vec<String>,
}

/// An account with its API key.
struct Asked {
    account: AccountId,
    key: String,
}

#[derive(Clone, Copy)]
struct Size {
    contacts: usize,
    accounts: usize,
}

/// Whether this is what to measure.
pub fn requested() -> bool {
    std::env::args().any(|arg| arg == "scale" || arg == "--scale")
}

/// The number that follows a word of the command line.
fn given(name: &str) -> Option<usize> {
    let word = std::env::args().skip_while(|arg| arg != name).nth(1)?;
    Some(word.parse().expect("a number"))
}

impl Size {
    fn requested() -> Self {
        Self {
            contacts: given("--contacts").unwrap_or(10_000_000),
            accounts: given("--accounts").unwrap_or(10_000).max(2),
        }
    }

    /// The name of a measurement, with the number of contacts.
    fn at(self, name: &str) -> String {
        format!("{name}, {} contacts", thousands(self.contacts))
    }
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|part| std::str::from_utf8(part).expect("digits"))
        .collect();
    parts.join(",")
}

pub async fn measure(server: BenchServer) {
    let size = Size::requested();
    let scale = fill(&server, size).await;
    check::counts(&server, size).await;
    check::disk(&server, size).await;
    reads::measure(&scale).await;
    searches::measure(&scale).await;
    writes::measure(&scale).await;
    check::counts_are_true(&server).await;
    million::start(server, &thousands(size.contacts)).await;
}

async fn fill(server: &BenchServer, size: Size) -> Scale<'_> {
    let started_at = Instant::now();
    let now = Clock::System.now().timestamp_micros();
    let course = contents::courses(server).await[0].clone();
    let course_id: CourseId = course.parse().expect("an id");
    let others: Vec<NewAccount> = (1..size.accounts)
        .map(|number| NewAccount::new(format!("scale-{number}"), number, now))
        .collect();
    let load = BulkLoad::begin(&server.database).await;
    let sql = load.connect().await;
    accounts::fill(&sql, &others).await;
    let few: Vec<NewContacts> = others[1..]
        .iter()
        .map(|other| part(other.id, FEW, 0, 1))
        .collect();
    contacts::fill(&sql, &few, now).await;
    let parts = stream::iter(0..PARTS).map(async |number| {
        let mut large = part(server.account.0, size.contacts, number, PARTS);
        large.course = Some(course_id.0);
        let small = part(others[0].id, SMALL, number, PARTS);
        contacts::fill(&load.connect().await, &[large, small], now).await;
        eprintln!(
            "part {number} of {PARTS}: {:.0} s",
            started_at.elapsed().as_secs_f64()
        );
    });
    parts.buffer_unordered(2).collect::<()>().await;
    load.end().await;
    eprintln!("filled: {:.0} s", started_at.elapsed().as_secs_f64());
    let mut keys = keys(server, &others[..others.len().min(ASKED + 1)]).await;
    let small = Asked {
        account: AccountId(others[0].id),
        key: keys.remove(0),
    };
    Scale {
        server,
        size,
        course,
        contacts: [
            contact(server, server.account).await,
            contact(server, small.account).await,
        ],
        small,
        keys,
    }
}

/// One of the equal parts of an account's contacts.
fn part(account: uuid::Uuid, count: usize, number: usize, parts: usize) -> NewContacts {
    NewContacts {
        account,
        numbers: count * number / parts..count * (number + 1) / parts,
        count,
        course: None,
    }
}

/// A new API key for each of the accounts.
async fn keys(server: &BenchServer, accounts: &[NewAccount]) -> Vec<String> {
    let db = Db::new(&server.database, 2).expect("a pool");
    let mut conn = db.conn().await.expect("a connection");
    let mut keys = Vec::new();
    for account in accounts {
        let moment = Clock::System.moment();
        let created =
            ApiKey::create(&mut conn, AccountId(account.id), "bench", &[Scope::Read], &moment).await;
        keys.push(created.expect("a key").1.reveal());
    }
    keys
}

/// A contact from the middle of an account.
async fn contact(server: &BenchServer, account: AccountId) -> ContactId {
    let query = format!(
        "select id::text from contacts where account_id = '{}' order by id offset 500 limit 1",
        account.0
    );
    ContactId(uuid(
        &server.sql.query_one(&query, &[]).await.expect("a contact"),
        0,
    ))
}
