//! The counts equal the rows after any statements.

use futures_util::future::join_all;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use vestibule::contacts::model::portal_stats::PortalStats;

use crate::support::TestDatabase;

const ACCOUNTS: [&str; 3] = [
    "00000000-0000-7000-8000-000000000001",
    "00000000-0000-7000-8000-000000000002",
    "00000000-0000-7000-8000-000000000003",
];

/// A reproducible random number generator (Steele and Vigna's SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

async fn accounts(test: &TestDatabase) {
    for (number, account) in ACCOUNTS.iter().enumerate() {
        test.run(&format!("insert into accounts (id, slug, name, created_at) values ('{account}', 'a{number}a', 'A', '2026-01-01Z')")).await;
    }
}

/// A random statement on a few contacts of an account.
fn statement(numbers: &mut Random) -> String {
    let account = ACCOUNTS[numbers.below(3) as usize];
    let first = numbers.below(200);
    let last = first + numbers.below(4);
    let some =
        format!("where account_id = '{account}' and email_key between 'p{first:03}' and 'p{last:03}z'");
    let day = 1 + numbers.below(28);
    match numbers.below(11) {
        0..=2 => format!(
            "insert into contacts (account_id, id, email, email_key, created_at, updated_at, joined_at, last_seen_at)
             select '{account}', gen_random_uuid(), 'p' || to_char(i, 'FM000'), 'p' || to_char(i, 'FM000'), '2026-01-01Z', '2026-01-01Z',
                 case when i % 5 = 0 then timestamptz '2026-01-02Z' end, case when i % 5 = 0 then timestamptz '2026-01-02Z' end
             from generate_series({first}, {last}) i on conflict do nothing"
        ),
        3 => format!("update contacts set invited_at = '2026-01-{day:02}Z', first_invited_at = coalesce(first_invited_at, '2026-01-{day:02}Z') {some}"),
        4 => format!("update contacts set invited_at = null {some}"),
        5 => format!("update contacts set joined_at = '2026-01-{day:02}Z', last_seen_at = '2026-01-{day:02}Z' {some}"),
        6 => format!("update contacts set last_seen_at = '2026-01-{day:02}Z' {some}"),
        7 => format!("update contacts set revoked_at = '2026-01-{day:02}Z' {some}"),
        8 => format!("update contacts set revoked_at = null {some}"),
        9 => format!("update contacts set first_name = 'n{day}' {some}"),
        _ => format!("delete from contacts {some}"),
    }
}

/// How many stored counts differ from the rows, for each account: invited, active, ever invited, active by day.
const WRONG_COUNTS: &str = "
    with counted as (
        select account_id, 'i' as what, null::date as day, count(*) as n from contacts where status = 1 group by 1
        union all select account_id, 'a', null::date, count(*) from contacts where status = 2 group by 1
        union all select account_id, 't', null::date, count(*) from contacts where first_invited_at is not null group by 1
        union all select account_id, 'd', (last_seen_at at time zone 'UTC')::date, count(*)
            from contacts where status = 2 and last_seen_at is not null group by 1, 3),
    kept as (
        select account_id, 'i' as what, null::date as day, sum(invited)::bigint as n from account_counts group by 1
        union all select account_id, 'a', null::date, sum(active)::bigint from account_counts group by 1
        union all select account_id, 't', null::date, sum(invited_total)::bigint from account_counts group by 1
        union all select account_id, 'd', day, sum(active)::bigint from account_seen_days group by 1, 3)
    select count(*) from (
        (select * from counted where n <> 0 except select * from kept)
        union all (select * from kept where n <> 0 except select * from counted)) as wrong";

/// Statements on several contacts may deadlock with each other, but never on the counts.
async fn run(client: &Client, statement: &str) {
    let Err(error) = client.batch_execute(statement).await else {
        return;
    };
    let place = error
        .as_db_error()
        .and_then(|error| error.where_())
        .unwrap_or_default();
    let among_contacts =
        error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) && place.contains("relation \"contacts\"");
    assert!(among_contacts, "{error:?}");
}

async fn run_ten_thousand_statements(test: &TestDatabase) {
    let work = (0..8u64).map(|worker| async move {
        let client: Client = test.client().await;
        let mut numbers = Random(worker);
        let mut version = 0;
        for turn in 0..1_250 {
            run(&client, &statement(&mut numbers)).await;
            if turn % 125 == 0 {
                let row = client
                    .query_one(
                        "select coalesce(sum(version), 0)::bigint from account_counts",
                        &[],
                    )
                    .await;
                let now: i64 = row.expect("a sum").get(0);
                assert!(now >= version, "versions only grow");
                version = now;
            }
        }
    });
    join_all(work).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_equal_the_rows_after_ten_thousand_concurrent_statements() {
    let test = TestDatabase::new().await;
    accounts(&test).await;
    run_ten_thousand_statements(&test).await;
    assert_eq!(test.number(WRONG_COUNTS).await, 0);
    let mut conn = test.db.conn().await.expect("a connection");
    assert_eq!(PortalStats::drifted(&mut conn).await.expect("a comparison"), []);
    assert!(
        test.number("select count(distinct slot) from account_counts")
            .await
            > 1,
        "more than one backend counted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_counts_are_found_and_truncate_is_refused() {
    let test = TestDatabase::new().await;
    accounts(&test).await;
    let refused = test
        .client()
        .await
        .batch_execute("truncate contacts cascade")
        .await;
    assert!(refused.is_err());
    test.run(
        "insert into audit_events (account_id, id, at, kind, actor, outcome)
         select id, id, '2026-01-01Z', 'JOINED', 'system', 'OK' from accounts",
    )
    .await;
    let append_only = test
        .client()
        .await
        .batch_execute("update audit_events set outcome = 'OK'")
        .await;
    assert!(append_only.is_err());
    test.run(
        "alter table contacts disable trigger user;
         insert into contacts (account_id, id, invited_at, first_invited_at, created_at, updated_at)
         select id, gen_random_uuid(), '2026-01-01Z', '2026-01-01Z', '2026-01-01Z', '2026-01-01Z' from accounts where slug = 'a0a'",
    )
    .await;
    let mut conn = test.db.conn().await.expect("a connection");
    assert_eq!(
        PortalStats::drifted(&mut conn).await.expect("a comparison").len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_thirty_days_are_counted_by_day() {
    let test = TestDatabase::new().await;
    accounts(&test).await;
    test.run(&format!(
        "insert into contacts (account_id, id, joined_at, last_seen_at, created_at, updated_at)
         select '{}', gen_random_uuid(), '2026-01-01Z', timestamptz '2026-01-31 23:59:59Z' - i * interval '1 day', '2026-01-01Z', '2026-01-01Z'
         from generate_series(0, 40) i",
        ACCOUNTS[0]
    ))
    .await;
    let mut conn = test.db.conn().await.expect("a connection");
    let account = vestibule::base::ids::AccountId(ACCOUNTS[0].parse().expect("an id"));
    for (now, active) in [
        ("2026-01-31T00:00:00Z", 30),
        ("2026-01-31T23:59:59Z", 30),
        ("2026-02-01T00:00:00Z", 29),
    ] {
        let stats = PortalStats::read(&mut conn, account, now.parse().expect("a time"))
            .await
            .expect("the counts");
        assert_eq!((stats.active, stats.active_last_30_days), (41, active), "{now}");
    }
}
