//! Dropped work is cancelled in the database as well, and does not block what follows.

use std::time::Duration;

use diesel_async::{AsyncConnection, RunQueryDsl};
use vestibule::base::db::Db;

use crate::support::{TestDatabase, TestServer, wait_until};

const SLEEPING: &str = "select count(*) from pg_stat_activity \
                        where datname = current_database() and query like 'select pg_sleep%' and state = 'active'";

async fn sleeping(test: &TestDatabase, expected: i64) {
    for _ in 0..500 {
        if test.number(SLEEPING).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{expected} statements sleep at last");
}

async fn sleep_long(db: &Db) {
    let mut conn = db.conn().await.expect("a connection");
    let _ = diesel::sql_query("select pg_sleep(60)").execute(&mut *conn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_query_is_cancelled_and_does_not_block() {
    let test = TestDatabase::new().await;
    let db = Db::new(&test.url, 1).expect("a pool of one");
    let query = tokio::spawn({
        let db = db.clone();
        async move { sleep_long(&db).await }
    });
    sleeping(&test, 1).await;
    query.abort();
    let next = async {
        let mut conn = db.conn().await.expect("the one connection is free");
        diesel::sql_query("select 1").execute(&mut *conn).await
    };
    let next = tokio::time::timeout(Duration::from_secs(3), next).await;
    assert!(next.expect("it does not wait").is_ok());
    sleeping(&test, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_is_rolled_back() {
    let test = TestDatabase::new().await;
    test.run("create table marks (n int)").await;
    let db = Db::new(&test.url, 1).expect("a pool of one");
    let work = tokio::spawn({
        let db = db.clone();
        async move {
            let mut conn = db.conn().await.expect("a connection");
            conn.transaction(async |conn| {
                diesel::sql_query("insert into marks values (1)")
                    .execute(conn)
                    .await?;
                diesel::sql_query("select pg_sleep(60)").execute(conn).await
            })
            .await
        }
    });
    sleeping(&test, 1).await;
    work.abort();
    sleeping(&test, 0).await;
    assert_eq!(test.number("select count(*) from marks").await, 0);
    let mut conn = db.conn().await.expect("a connection");
    let done = diesel::sql_query("insert into marks values (2)")
        .execute(&mut *conn)
        .await;
    assert_eq!(done, Ok(1));
    assert_eq!(
        test.number("select count(*) from marks").await,
        1,
        "outside of any transaction"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_finished_its_work_stays_in_the_pool() {
    let test = TestDatabase::new().await;
    let db = Db::new(&test.url, 1).expect("a pool of one");
    let pid = async || {
        #[derive(diesel::QueryableByName)]
        struct Pid {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            pid: i32,
        }
        let mut conn = db.conn().await.expect("a connection");
        let failed = diesel::sql_query("select nonsense").execute(&mut *conn).await;
        assert!(failed.is_err());
        let undone = conn
            .transaction(async |_| Err::<(), _>(diesel::result::Error::RollbackTransaction))
            .await;
        assert!(undone.is_err());
        let found: Pid = diesel::sql_query("select pg_backend_pid() as pid")
            .get_result(&mut *conn)
            .await
            .expect("a process");
        found.pid
    };
    let first = pid().await;
    for _ in 0..3 {
        assert_eq!(pid().await, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_client_cancels_its_statement() {
    let server = TestServer::open().await;
    let mut other = server.test.client().await;
    let block = other.transaction().await.expect("a transaction");
    block
        .batch_execute("lock table contacts in access exclusive mode")
        .await
        .expect("the lock");
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let request = server
        .http
        .post(format!("{}/graphql", server.url))
        .bearer_auth(&server.acme.owner)
        .json(&serde_json::json!({"query": "{ contacts { nodes { id } } }"}));
    let asked = tokio::spawn(request.send());
    wait_until("the statement waits", async || {
        server.test.number(waiting).await == 1
    })
    .await;
    asked.abort();
    wait_until("the statement is gone", async || {
        server.test.number(waiting).await == 0
    })
    .await;
    block.rollback().await.expect("the lock goes");
    server
        .data(
            &server.acme.owner,
            "{ contacts { nodes { id } } }",
            serde_json::json!({}),
        )
        .await;
    server.stop().await;
}
