//! What the worker asks of the database.

use std::time::Instant;

use serde_json::json;
use vestibule::base::db::Db;

use crate::support::{TestAccount, TestApi, wait_until};

/// How often an index was searched. A walk over flows searches once per flow.
async fn searches(test: &TestAccount, index: &str) -> i64 {
    let query = format!("select idx_scan from pg_stat_user_indexes where indexrelname = '{index}'");
    test.test.number(&query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_steps_over_no_message_that_is_not_due() {
    let test = TestAccount::open().await;
    test.defer(2_000, "2026-01-05T11:00:00Z").await;
    let worker = test.start_worker();
    wait_until("it has looked", async || {
        searches(&test, "messages_due").await >= 20
    })
    .await;
    let walked = searches(&test, "messages_due_flows").await;
    assert!(walked < 100, "{walked}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_many_messages_are_due_claims_do_not_look_for_a_few() {
    let test = TestAccount::open().await;
    // Of 4,000 accounts, so that they take about 60 claims. Without a recipient, they are deleted when they are claimed.
    let due = "with account as (
             insert into accounts (id, slug, name, created_at)
             select gen_random_uuid(), 'account' || n, 'Account', '2026-01-05Z' from generate_series(1, 4000) n returning id)
         insert into messages (account_id, id, channel, kind, address, requested_by, status, priority, due_at, give_up_at, created_at)
         select id, gen_random_uuid(), 'EMAIL', 'LOGIN_CODE', 'p@' || id || '.example', 'system', 'QUEUED', 0,
             '2026-01-05Z', '2026-01-06Z', '2026-01-05Z' from account";
    test.test.run(due).await;
    let started_at = Instant::now();
    let worker = test.start_worker();
    wait_until("all are claimed", async || test.messages("QUEUED").await == 0).await;
    wait_until("PostgreSQL has counted", async || {
        searches(&test, "messages_due_flows").await >= 6_000
    })
    .await;
    let looked = searches(&test, "messages_due").await;
    // The claimers of other priorities, which find nothing, look four times a second.
    let idle = 4 * (started_at.elapsed().as_secs() as i64 + 2);
    assert!(looked < idle + 20, "{looked}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_run_per_batch_of_messages() {
    let mut api = TestApi::open().await;
    let owner = api.owner().await;
    let invite =
        "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: { emails: $emails }) { count } }";
    for batch in 0..5 {
        let emails: Vec<String> = (0..100).map(|n| format!("p{n}@{batch}.example")).collect();
        api.data(&owner, invite, json!({ "emails": emails })).await;
    }
    api.test.parts.db = Db::new(&api.test.test.url, 5).expect("a pool");
    let worker = api.test.start_worker();
    api.test.wait_for_emails(500).await;
    let statements = api.test.parts.db.statement_count();
    worker.stop().await;
    assert!(
        statements < 500,
        "{statements} statements: something is done for each message"
    );
}
