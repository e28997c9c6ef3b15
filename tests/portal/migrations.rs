//! Migrations of a database that an earlier release has filled.

use crate::support::TestDatabase;

const DROP_DECOY: &str = "20261129000001";

/// Reverts a migration, as a database looks that has not run it yet.
async fn revert(database: &TestDatabase, version: &str, down: &str) {
    database.run(down).await;
    let forget = format!("delete from __diesel_schema_migrations where version = '{version}'");
    database.run(&forget).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_the_kind_decoy_are_deleted_and_refused_from_then_on() {
    let database = TestDatabase::new().await;
    let down = include_str!("../../migrations/2026-11-29-000001_drop_decoy/down.sql");
    revert(&database, DROP_DECOY, down).await;
    let account = "00000000-0000-7000-8000-000000000001";
    database
        .run(&format!(
            "insert into accounts (id, slug, name, created_at) values ('{account}', 'acme', 'Acme', now())"
        ))
        .await;
    let insert = |kind: &str| {
        format!(
            "insert into messages (account_id, id, channel, kind, address, requested_by, status, priority, due_at, \
             give_up_at, created_at) values ('{account}', gen_random_uuid(), 'EMAIL', '{kind}', 'anna@example.com', \
             'anonymous', 'QUEUED', 0, now(), now(), now())"
        )
    };
    for kind in ["DECOY", "LOGIN_CODE", "DECOY"] {
        database.run(&insert(kind)).await;
    }

    assert_eq!(database.db.migrate().await.expect("it migrates"), [DROP_DECOY]);
    let kinds = database.texts("select kind from messages").await;
    assert_eq!(kinds, [Some("LOGIN_CODE".to_owned())]);
    let refused = database.client().await.batch_execute(&insert("DECOY")).await;
    let refused = refused.expect_err("the kind is refused");
    assert_eq!(refused.code().map(|code| code.code()), Some("23514"));
    let valid = "select count(*) from pg_constraint where conname = 'messages_kind_check' and convalidated";
    assert_eq!(database.number(valid).await, 1);
    assert!(database.db.migrate().await.expect("nothing is left").is_empty());
}

/// Those of mailings, the newest first.
const MAILINGS: [(&str, &str); 3] = [
    (
        "20261206000011",
        include_str!("../../migrations/2026-12-06-000011_marketing/down.sql"),
    ),
    (
        "20261206000010",
        include_str!("../../migrations/2026-12-06-000010_waiting_of_jobs/down.sql"),
    ),
    (
        "20261205000010",
        include_str!("../../migrations/2026-12-05-000010_mailings/down.sql"),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_migrations_of_mailings_can_be_reverted_with_messages_and_run_again() {
    let database = TestDatabase::new().await;
    let account = "00000000-0000-7000-8000-000000000001";
    database
        .run(&format!(
            "insert into accounts (id, slug, name, created_at) values ('{account}', 'acme', 'Acme', now()); \
             insert into mailings (account_id, id, channel, format, subject, body, uses_login_url, requested_by, created_at, marketing) \
                values ('{account}', '{account}', 'EMAIL', 'MARKDOWN', 'News', 'Hello', false, 'system', now(), true); \
             insert into messages (account_id, id, channel, kind, about, address, requested_by, status, priority, due_at, give_up_at, created_at) \
                values ('{account}', '{account}', 'EMAIL', 'WRITTEN', '{account}', 'anna@example.com', 'system', 'QUEUED', 3, now(), now(), now())"
        ))
        .await;
    for (version, down) in MAILINGS {
        revert(&database, version, down).await;
        let waiting = "select count(*) from messages where status = 'QUEUED'";
        assert_eq!(database.number(waiting).await, 0, "{version}");
    }
    let mut again = database.db.migrate().await.expect("it migrates");
    again.sort_by(|one, two| two.cmp(one));
    assert_eq!(again, MAILINGS.map(|(version, _)| version));
    assert!(database.db.migrate().await.expect("nothing is left").is_empty());
}
