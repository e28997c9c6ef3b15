//! Claimed messages whose worker did not get them, or lost the lock that shows that it lives.

use std::time::Duration;

use chrono::TimeDelta;
use mailer::SendError;
use vestibule::base::db::Db;

use crate::support::{Proxy, TestAccount, TestWorker, wait_until};

/// The server processes that hold the locks of workers.
const LOCKS: &str =
    "select pid::text from pg_locks where locktype = 'advisory' and classid = x'6d61696c'::int::oid
    and database = (select oid from pg_database where datname = current_database())";

async fn locks(test: &TestAccount) -> Vec<String> {
    test.test.texts(LOCKS).await.into_iter().flatten().collect()
}

/// Waits until the worker with this lock has looked, from now on, which workers live.
async fn wait_for_look(test: &TestAccount, pid: &str) {
    let now = test.test.texts("select clock_timestamp()::text").await.remove(0);
    let looks = format!(
        "select count(*) from pg_stat_activity where pid = {pid} and query like 'select objid%' and query_start > '{}'",
        now.expect("a time")
    );
    wait_until("a look", async || test.test.number(&looks).await == 1).await;
}

/// A message that was deferred once, and is due.
async fn defer_message(test: &TestAccount) {
    let later = SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    };
    test.mailbox.fail_next(1, later);
    test.invite(["anna@example.com".to_owned()]).await;
    let worker = test.start_worker();
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    worker.stop().await;
    test.clock.advance(TimeDelta::seconds(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_response_was_lost_is_returned_before_its_lease_ends() {
    let mut test = TestAccount::open().await;
    defer_message(&test).await;
    // The commit of the claim waits for a row, so it is under way when the database hangs. Other commits don't sleep.
    let wait_at_commit = "create table go (n int);
        create function wait_at_commit() returns trigger language plpgsql as
        'begin while not exists (select from go) loop perform pg_sleep(0.02); end loop; return null; end';
        create constraint trigger wait after update on messages deferrable initially deferred
        for each row when (new.status = 'SENDING') execute function wait_at_commit()";
    test.test.run(wait_at_commit).await;
    let proxy = Proxy::start(&test.test.url).await;
    test.parts.db = Db::new(&proxy.url, 10).expect("a pool");
    let worker = test.start_worker();
    let commits = "select count(*) from pg_stat_activity
        where state = 'active' and query = 'COMMIT' and wait_event = 'PgSleep' and datname = current_database()";
    wait_until("the claim commits", async || test.test.number(commits).await == 1).await;
    proxy.hang();
    test.test.run("insert into go values (1)").await;
    wait_until("it is claimed", async || test.messages("SENDING").await == 1).await;
    proxy.resume();
    // The worker notices after some seconds; then the message waits until no other claim can be in preparation.
    for _ in 0..11 {
        if test.messages("SENT").await == 1 {
            break;
        }
        test.clock.advance(TimeDelta::seconds(10));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    test.wait_for_emails(1).await;
    worker.stop().await;
    let attempts = "select attempt_count::bigint from messages";
    assert_eq!(
        test.test.number(attempts).await,
        2,
        "the lost claim is not counted"
    );
    assert_eq!(test.mailbox.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_loses_its_lock_takes_it_again_before_others_take_its_messages() {
    let test = TestAccount::open().await;
    let proxy = Proxy::start(&test.test.url).await;
    let mut parts = test.parts.clone();
    parts.db = Db::new(&proxy.url, 10).expect("a pool");
    test.mailbox.hold(&["held.example"]);
    test.invite((0..2).map(|n| format!("p{n}@held.example"))).await;
    let first = TestWorker::start(parts);
    wait_until("in flight", async || test.messages("SENDING").await == 2).await;
    let lost = locks(&test).await.remove(0);
    let second = test.start_worker();
    wait_until("both live", async || locks(&test).await.len() == 2).await;
    let both = locks(&test).await;
    let other = both.iter().find(|pid| **pid != lost).expect("its lock");
    // At its first look a worker takes over from those that died before it started.
    wait_for_look(&test, other).await;
    wait_for_look(&test, other).await;

    // The first worker loses its lock, and cannot connect for a moment.
    proxy.refuse_new_connections();
    let end = format!("select pg_terminate_backend({lost})");
    test.test.run(&end).await;
    wait_until("the lock is gone", async || locks(&test).await.len() == 1).await;
    wait_for_look(&test, other).await;
    proxy.accept_new_connections();
    wait_until("the first worker has its lock", async || {
        locks(&test).await.len() == 2
    })
    .await;

    test.mailbox.hold(&[]);
    test.wait_for_emails(2).await;
    second.stop().await;
    let attempts = "select max(attempt_count)::bigint from messages";
    assert_eq!(test.test.number(attempts).await, 1);
    test.invite(["new@example.com".to_owned()]).await;
    test.wait_for_emails(3).await;
    first.stop().await;
    assert_eq!(test.mailbox.sent().len(), 3, "each is sent once");
}
