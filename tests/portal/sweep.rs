//! Sweeping: rows are deleted at their age, and not before.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Requester};
use vestibule::base::audit::{EventKind, NewEvent, record};
use vestibule::sign_in::sessions::model::refresh;
use vestibule::sign_in::sessions::model::{Holder, NewSession, Session};
use vestibule::worker::Worker;

use crate::support::{TestAccount, wait_until};

/// Runs one round. Returns whether it completed.
async fn sweep(test: &TestAccount) -> bool {
    let worker = Worker::new(test.parts.clone());
    worker.sweep(&CancellationToken::new()).await.expect("it sweeps")
}

/// Rows of a table at the edge of their age: one to be deleted and one a microsecond younger.
async fn sweep_pair(
    test: &TestAccount,
    table: &str,
    age: TimeDelta,
    insert: impl Fn(DateTime<Utc>, u8) -> String,
) {
    let edge = test.clock.now() - age;
    let micro = TimeDelta::microseconds(1);
    test.test.run(&insert(edge - micro, 1)).await;
    test.test.run(&insert(edge, 2)).await;
    let count = format!("select count(*) from {table}");
    assert_eq!(test.test.number(&count).await, 2, "{table}");
    assert!(sweep(test).await);
    assert_eq!(test.test.number(&count).await, 1, "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_each_table_are_deleted_at_their_age_and_not_before() {
    let test = TestAccount::open().await;
    let account = test.account.id.0;
    let bytes = |n: u8| format!("'\\x{n:02x}'::bytea");
    let id = |n: u8| format!("'00000000-0000-7000-8000-0000000000{n:02x}'");
    test.test
        .run(&format!(
            "insert into team_members (account_id, id, email, email_key, role, created_at)
             values ('{account}', '{account}', 'a@b.example', 'a@b.example', 'OWNER', '2026-01-01Z')"
        ))
        .await;
    let days = TimeDelta::days;
    sweep_pair(&test, "attempts where failed_count = 9", days(30), |at, n| {
        format!(
            "insert into attempts values ('{account}', {}, 9, '{at}', '{at}', null)",
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "attempts where failed_count = 10", days(400), |at, n| {
        format!(
            "insert into attempts values ('{account}', {}, 10, '{at}', '{at}', null)",
            bytes(n + 10)
        )
    })
    .await;
    sweep_pair(&test, "used_id_tokens", TimeDelta::zero(), |at, n| {
        format!(
            "insert into used_id_tokens values ('{account}', {}, '{at}')",
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "idempotency_keys", TimeDelta::zero(), |at, n| {
        format!(
            "insert into idempotency_keys (account_id, viewer_id, key_hash, request_hash, created_at, expires_at)
             values ('{account}', {}, 'a', 'b', '{at}', '{at}')",
            id(n)
        )
    })
    .await;
    sweep_pair(&test, "affiliate_visitors", days(2), |at, n| {
        format!(
            "insert into affiliate_visitors values ('{account}', {}, {}, '{at}')",
            id(n),
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "portal_views", days(1), |at, n| {
        let id = id(n);
        format!(
            "insert into portal_views (account_id, id, team_member_id, session_id, contact_id, link_hash, created_at, expires_at)
             values ('{account}', {id}, '{account}', {id}, {id}, {}, '{at}', '{at}')",
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "test_messages", days(1), |at, n| {
        format!(
            "insert into test_messages values ('{account}', {}, '{account}', 'HTML', 'a', 'b', null, null, '{at}')",
            id(n)
        )
    })
    .await;
    sweep_pair(&test, "challenges", days(1), |at, n| {
        format!(
            "insert into challenges (account_id, id, audience, email_key, section, device_secret_hash, matching_number, mailed,
                 created_at, expires_at) values ('{account}', {}, 'PORTAL', 'a', 'HOME', 'a', '11', true, '{at}', '{at}')",
            id(n)
        )
    })
    .await;
    sweep_pair(&test, "password_resets", days(1), |at, n| {
        format!(
            "insert into password_resets (account_id, id, audience, email_key, secret_hash, mailed, created_at, expires_at)
             values ('{account}', {}, 'PORTAL', 'a', {}, true, '{at}', '{at}')",
            id(n),
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "revocations", TimeDelta::hours(1), |at, n| {
        format!("insert into revocations values ('{account}', {}, '{at}')", id(n))
    })
    .await;
    sweep_pair(&test, "staff_links", days(30), |at, n| {
        format!(
            "insert into staff_links (account_id, id, team_member_id, secret_hash, created_at, expires_at)
             values ('{account}', {}, '{account}', {}, '{at}', '{at}')",
            id(n),
            bytes(n)
        )
    })
    .await;
    sweep_pair(&test, "suppressions", TimeDelta::zero(), |at, n| {
        format!("insert into suppressions values ('{account}', 'a{n}', 'r', '{at}', '{at}')")
    })
    .await;
    // An address that bounced stays suppressed until staff lifts it.
    test.test
        .run(&format!(
            "insert into suppressions values ('{account}', 'bounced', 'r', '2020-01-01Z', null)"
        ))
        .await;
    // The worker does this itself every hour.
    let count = "select count(*) from suppressions";
    test.clock.advance(TimeDelta::minutes(1));
    let worker = test.start_worker();
    wait_until("the first round", async || test.test.number(count).await == 1).await;
    test
        .test
        .run(&format!(
            "insert into suppressions values ('{account}', 'later', 'r', '2026-01-01Z', '2026-01-05T10:30:00Z')"
        ))
        .await;
    test.clock.advance(TimeDelta::hours(1));
    wait_until("the second round", async || test.test.number(count).await == 1).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_deleted_after_30_days_with_its_tokens() {
    let test = TestAccount::open().await;
    let contact = test.add_contacts(["anna@example.com".to_owned()]).await.remove(0);
    let (account, client) = (test.account.id, Client::default());
    let open = async || {
        let moment = test.clock.moment();
        let opening = NewSession::new(account, Holder::Contact(contact.id), SignInMethod::Link, &client);
        test.write(async |conn| {
            let session = Session::open(conn, &opening, &moment).await?;
            refresh::first_pair(conn, session.clone(), &moment).await?;
            Ok(session)
        })
        .await
    };
    let (_expires, ends) = (open().await, open().await);
    let now = test.clock.now();
    test.write(async |conn| Session::end(conn, account, ends.id, "TEST", now).await)
        .await;
    let tokens = "select count(*) from refresh_tokens";
    let month = vestibule::base::actor::Audience::Portal.lifetime();
    assert_eq!(month, TimeDelta::days(30));
    for (moved, left) in [
        (month, 2),
        (TimeDelta::microseconds(1), 1),
        (month - TimeDelta::microseconds(1), 1),
        (TimeDelta::microseconds(1), 0),
    ] {
        test.clock.advance(moved);
        assert!(sweep(&test).await);
        assert_eq!(test.test.number(tokens).await, left);
    }
    assert_eq!(test.test.number("select count(*) from sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_events_are_deleted_only_after_the_retention_of_their_account() {
    let test = TestAccount::open().await;
    let note = async |kind| {
        let moment = test.clock.moment();
        let events = [NewEvent::new(kind)];
        test.write(async |conn| record(conn, test.account.id, &Requester::system(), &events, &moment).await)
            .await;
    };
    note(EventKind::Joined).await;
    test.clock.advance(TimeDelta::microseconds(1));
    note(EventKind::Invited).await;
    let count = "select count(*) from audit_events";
    // The clock is a microsecond after the first event.
    test.clock.advance(TimeDelta::days(3_650));
    assert!(sweep(&test).await);
    assert_eq!(test.test.number(count).await, 2, "for ever");
    test.test.run("update accounts set audit_days = 3650").await;
    assert!(sweep(&test).await);
    let left = test.test.texts("select kind from audit_events").await;
    assert_eq!(left, [Some("INVITED".to_owned())]);
    // Only the sweeper's transaction sets the horizon.
    let client = test.test.client().await;
    assert!(client.batch_execute("delete from audit_events").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_deletes_several_batches_and_skips_rows_of_another_sweeper() {
    let test = TestAccount::open().await;
    let account = test.account.id.0;
    test
        .test
        .run(&format!(
            "insert into revocations select '{account}', gen_random_uuid(), '2020-01-01Z' from generate_series(1, 2500)"
        ))
        .await;
    let count = "select count(*) from revocations";
    // Another sweeper holds the lock.
    let other = test.test.client().await;
    other
        .batch_execute("begin; select pg_advisory_xact_lock(x'7665737473776565'::bit(64)::bigint)")
        .await
        .expect("a lock");
    assert!(!sweep(&test).await);
    assert_eq!(test.test.number(count).await, 2_500);
    other.batch_execute("commit").await.expect("it is free");
    assert!(sweep(&test).await);
    assert_eq!(test.test.number(count).await, 0);
}
