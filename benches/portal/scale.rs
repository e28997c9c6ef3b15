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

use std::path::PathBuf;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream;
use vestibule::base::clock::Clock;
use vestibule::base::db::Db;
use vestibule::base::ids::{AccountId, ContactId, CourseId};

use crate::bench_server::{BenchServer, uuid};
use crate::contents;
use crate::million;
use crate::owner;
use accounts::NewAccount;
use bulk_load::BulkLoad;
use check::number;
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
    /// The key of an account of 1,000 contacts.
    small: String,
    /// Contacts of `bench` and of the small account.
    contacts: [ContactId; 2],
    /// The keys of other accounts.
    keys: Vec<String>,
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

/// What follows a word of the command line.
fn given(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

impl Size {
    fn requested() -> Self {
        let count = |name, usual| given(name).map_or(usual, |count| count.parse().expect("a number"));
        Self {
            contacts: count("--contacts", 10_000_000),
            accounts: count("--accounts", 10_000).max(2),
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

/// Where the filled database is kept for further runs, if it is.
pub fn folder() -> Option<PathBuf> {
    given("--folder").map(PathBuf::from)
}

pub async fn measure(mut server: BenchServer) {
    let size = Size::requested();
    let course = contents::courses(&server).await[0].clone();
    if number(&server, "select count(*) from accounts").await == 1 {
        fill(&server, size, course.parse().expect("an id")).await;
        check::counts(&server, size).await;
        check::disk(&server, size).await;
    }
    // Its memory is that of the measurements.
    server.restart().await;
    let scale = Scale::of(&server, size, course).await;
    reads::measure(&scale).await;
    searches::measure(&scale).await;
    writes::measure(&scale).await;
    check::counts_are_true(&server).await;
    million::start(server, &thousands(size.contacts)).await;
}

async fn fill(server: &BenchServer, size: Size, course: CourseId) {
    let started_at = Instant::now();
    let now = Clock::System.now().timestamp_micros();
    let others: Vec<NewAccount> = (1..size.accounts)
        .map(|number| NewAccount::new(number, now))
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
        large.course = Some(course.0);
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

impl<'a> Scale<'a> {
    async fn of(server: &'a BenchServer, size: Size, course: String) -> Self {
        let query = "select id::text from accounts where slug like 'scale-%' order by accounts.id limit $1";
        let limit = (ASKED + 1) as i64;
        let rows = server.sql.query(query, &[&limit]).await.expect("accounts");
        let mut others = rows.iter().map(|row| AccountId(uuid(row, 0)));
        let small = others.next().expect("the small account");
        let db = Db::new(&server.database, 2).expect("a pool");
        let mut keys = Vec::new();
        for account in others {
            keys.push(owner::key(&db, account).await);
        }
        Self {
            server,
            size,
            course,
            contacts: [
                contact(server, server.account).await,
                contact(server, small).await,
            ],
            small: owner::key(&db, small).await,
            keys,
        }
    }
}

/// A contact from the middle of an account.
async fn contact(server: &BenchServer, account: AccountId) -> ContactId {
    let query = format!(
        "select id::text from contacts where account_id = '{}' order by contacts.id offset 500 limit 1",
        account.0
    );
    ContactId(uuid(
        &server.sql.query_one(&query, &[]).await.expect("a contact"),
        0,
    ))
}
