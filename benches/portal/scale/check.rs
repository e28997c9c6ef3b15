//! Whether the counts are those of the rows, and what the rows take on disk.

use super::{Size, thousands};
use crate::bench_server::BenchServer;
use crate::row::Row;

const DRIFTED: &str = "
    with stored as (
        select account_id, sum(invited) as invited, sum(active) as active, sum(invited_total) as total
        from account_counts group by account_id having sum(invited_total) <> 0),
    stored_days as (
        select account_id, day, sum(active) from account_seen_days group by account_id, day having sum(active) <> 0),
    counted as (
        select account_id, count(*) filter (where status = 1), count(*) filter (where status = 2), count(*)
        from contacts where first_invited_at is not null group by account_id),
    counted_days as (
        select account_id, (last_seen_at at time zone 'UTC')::date, count(*) from contacts
        where status = 2 and last_seen_at is not null group by 1, 2)
    select count(*) from (
        ((table stored except table counted) union all (table counted except table stored))
    ) as drifted(account_id, invited, active, total)
    full join (
        ((table stored_days except table counted_days) union all (table counted_days except table stored_days))
    ) as days(account_id, day, active) using (account_id)";

pub async fn number(server: &BenchServer, query: &str) -> i64 {
    server.sql.query_one(query, &[]).await.expect(query).get(0)
}

/// All rows are there, and the counts are theirs.
pub async fn counts(server: &BenchServer, size: Size) {
    let of_bench = format!(
        "select count(*) from contacts where account_id = '{}'",
        server.account.0
    );
    assert_eq!(number(server, &of_bench).await, size.contacts as i64);
    assert_eq!(
        number(server, "select count(*) from accounts").await,
        size.accounts as i64
    );
    counts_are_true(server).await;
}

pub async fn counts_are_true(server: &BenchServer) {
    assert_eq!(
        number(server, DRIFTED).await,
        0,
        "the counts are those of the rows"
    );
}

pub async fn disk(server: &BenchServer, size: Size) {
    let bytes = number(server, "select pg_database_size(current_database())").await as f64;
    let of_contacts = number(server, "select pg_total_relation_size('contacts')").await as f64;
    let heap = number(server, "select pg_relation_size('contacts')").await as f64;
    let gib = |bytes: f64| format!("{:.2} GiB", bytes / f64::from(1 << 30));
    Row {
        name: format!(
            "the database on disk: {} contacts, {} accounts",
            thousands(size.contacts),
            thousands(size.accounts)
        ),
        measured: format!(
            "{}, {:.0} bytes for each contact",
            gib(bytes),
            bytes / size.contacts as f64
        ),
        against: format!(
            "`contacts` {} and its indexes {}",
            gib(heap),
            gib(of_contacts - heap)
        ),
        ratio: None,
        limit: "–".to_owned(),
    }
    .print();
}
