//! A database that stops responding: requests get an error, and everything recovers by itself when it responds again.

use std::time::Duration;

use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::db::Db;
use vestibule::base::db::deadline;
use vestibule::base::db::probe::ProbeError;
use vestibule::base::error::{Code, Error, Result};

use crate::support::{Proxy, Socket, TestDatabase, TestServer, wait_until};

const COUNTS: &str = "subscription { portalStats { invited version } }";
const NAME: &str = "{ portal { name } }";

async fn behind_a_proxy() -> (TestServer, Proxy) {
    let mut created = None;
    let server = TestServer::open_behind_proxy(async |test| {
        let proxy = created.insert(Proxy::start(&test.url).await);
        Db::new(&proxy.url, 10).expect("a pool")
    });
    let server = server.await;
    (server, created.expect("it was started"))
}

fn invite(address: &str) -> String {
    format!("mutation {{ inviteContacts(input: {{emails: [\"{address}\"]}}) {{ count }} }}")
}

/// The result, which must arrive eventually.
async fn expect_result<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(Duration::from_secs(60), work).await;
    done.unwrap_or_else(|_| panic!("{what}: no answer"))
}

async fn page(server: &TestServer, path: &str) -> (u16, String) {
    let response = server.http.get(format!("{}{path}", server.url)).send().await;
    let response = response.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_gets_an_error_while_the_database_hangs_and_succeeds_afterwards() {
    let (server, proxy) = behind_a_proxy().await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    // The pool has idle connections, which will not respond.
    join_all((0..10).map(|_| server.data(&server.acme.key, NAME, json!({})))).await;
    assert_eq!(page(&server, "/readyz").await, (200, "ready\n".to_owned()));

    proxy.hang();
    let sign_in = "mutation { signInWithPassword(input: {portal: \"acme\", email: \"a@example.com\", password: \"x\"}) { __typename } }";
    let invited = invite("silent@example.com");
    let operations = [
        (Some(&server.acme.owner), NAME),
        (Some(&server.acme.key), NAME),
        (Some(&server.acme.owner), &invited[..]),
        (None, sign_in),
    ];
    let answers = operations.map(|(credential, query)| {
        let credential = credential.map(String::as_str);
        server.request(credential, query, json!({}))
    });
    let batch = server.http.post(format!("{}/graphql", server.url));
    let batch = batch.bearer_auth(&server.acme.owner).json(&json!([
        { "query": invite("b1@example.com") },
        { "query": invite("b2@example.com") },
    ]));
    let (answers, page_status, batch) = expect_result("requests", async {
        tokio::join!(join_all(answers), page(&server, "/p/acme/login"), batch.send())
    })
    .await;
    for (answer, (_, query)) in answers.iter().zip(&operations) {
        assert_eq!(code(answer), "UNAVAILABLE", "{query}: {answer}");
    }
    assert_eq!(page_status.0, 503);
    let batch: Value = batch.expect("an answer").json().await.expect("JSON");
    assert_eq!((code(&batch[0]), code(&batch[1])), ("UNAVAILABLE", "UNAVAILABLE"));
    let ready = expect_result("readiness", page(&server, "/readyz")).await;
    assert_eq!(ready, (503, format!("{}\n", ProbeError::Unreachable)));
    assert_eq!(socket.next().await["close"], 4403, "its session may have ended");

    proxy.resume();
    wait_until("requests are served", async || {
        server.request(Some(&server.acme.key), NAME, json!({})).await["data"]["portal"]["name"] == "acme"
    })
    .await;
    wait_until("the server is ready", async || {
        page(&server, "/readyz").await.0 == 200
    })
    .await;
    server
        .data(&server.acme.key, &invite("late@example.com"), json!({}))
        .await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(
        socket.data().await["portalStats"]["invited"],
        1,
        "nothing of the silent time was done"
    );
    let message = "select count(*) from messages where sent_at is not null";
    wait_until("the mail is sent", async || {
        server.test.number(message).await == 1
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_reported_and_an_idempotency_key_resolves_it() {
    let (server, proxy) = behind_a_proxy().await;
    // The commit waits for a row lock, so it is under way when the database hangs.
    server
        .test
        .run(
            "create table go (n int); \
             create function wait_at_commit() returns trigger language plpgsql as \
             'begin while not exists (select from go) loop perform pg_sleep(0.02); end loop; return null; end'; \
             create constraint trigger wait after insert on contacts deferrable initially deferred \
             for each row execute function wait_at_commit()",
        )
        .await;
    let send = async || {
        let create = "mutation { createContact(input: {email: \"a@example.com\"}) { contact { id } } }";
        let request = server.http.post(format!("{}/graphql", server.url));
        let request = request
            .bearer_auth(&server.acme.owner)
            .header("idempotency-key", "k");
        let answer = request.json(&json!({ "query": create })).send().await;
        answer.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let first = async {
        let waits = "select count(*) from pg_stat_activity where state = 'active' and query = 'COMMIT' and wait_event = 'PgSleep' \
                     and datname = current_database()";
        wait_until("the commit is under way", async || {
            server.test.number(waits).await == 1
        })
        .await;
        proxy.hang();
    };
    let (answer, ()) = expect_result("the mutation", async { tokio::join!(send(), first) }).await;
    assert_eq!(code(&answer), "UNAVAILABLE", "{answer}");
    let words = answer["errors"][0]["message"].as_str().expect("words");
    assert!(words.contains("Idempotency-Key"), "{words}");
    server.test.run("insert into go values (1)").await;
    let created = "select count(*) from contacts where email_key = 'a@example.com'";
    wait_until("the commit ends", async || server.test.number(created).await == 1).await;

    proxy.resume();
    let mut data = Value::Null;
    wait_until("the key tells", async || {
        data = send().await;
        code(&data) != "UNAVAILABLE"
    })
    .await;
    let words = data["errors"][0]["message"].as_str().unwrap_or_default();
    assert_eq!(
        (code(&data), words.contains("already did this")),
        ("CONFLICT", true),
        "{data}"
    );
    assert_eq!(server.test.number(created).await, 1);
    server.stop().await;
}

async fn select_one(db: &Db) -> Result<()> {
    deadline::within(Duration::from_millis(500), async {
        let mut conn = db.conn().await?;
        diesel::sql_query("select 1").execute(&mut *conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_statement_without_a_response_replaces_all_idle_connections() {
    let test = TestDatabase::new().await;
    let proxy = Proxy::start(&test.url).await;
    let db = Db::new(&proxy.url, 8).expect("a pool");
    let held = join_all((0..8).map(|_| db.conn())).await;
    assert!(held.iter().all(std::result::Result::is_ok));
    drop(held);
    proxy.hang();
    let lost = select_one(&db).await;
    assert_eq!(lost.expect_err("nothing comes back").code, Code::Unavailable);
    proxy.resume();
    for _ in 0..20 {
        select_one(&db).await.expect("the connection is a new one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_an_exhausted_pool_nor_a_long_lock_makes_an_instance_unready() {
    let server = TestServer::open().await;
    let mut other = server.test.client().await;
    let lock = other.transaction().await.expect("a transaction");
    lock.batch_execute("lock table contacts, messages, write_probe in access exclusive mode")
        .await
        .expect("the lock");
    // Others use part of the pool at the same time, so that nothing is left.
    let mut held = Vec::new();
    wait_until("the pool is exhausted", async || {
        match tokio::time::timeout(Duration::from_millis(100), server.test.db.conn()).await {
            Ok(conn) => held.push(conn.expect("a connection")),
            Err(_) => return true,
        }
        false
    })
    .await;
    assert_eq!(expect_result("readiness", page(&server, "/readyz")).await.0, 200);
    // Revocations on other instances arrive: polling has its own connection.
    server
        .test
        .run("insert into revocations (account_id, subject, at) select account_id, id, '2026-01-05T10:00:00Z' from sessions")
        .await;
    wait_until("the token is refused", async || {
        let answer = server
            .request(Some(&server.acme.owner), "{ __typename }", json!({}))
            .await;
        code(&answer) == "UNAUTHENTICATED"
    })
    .await;
    drop(held);
    lock.rollback().await.expect("the lock goes");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn database_errors_are_classified_in_every_language() {
    let test = TestDatabase::new().await;
    test.run(
        "create function fail(state text) returns void language plpgsql as \
         'begin raise exception ''Das Gerät ist voll'' using errcode = state; end'",
    )
    .await;
    let mut conn = test.db.conn().await.expect("a connection");
    for (state, expected) in [
        ("53100", Code::Unavailable),
        ("53200", Code::Unavailable),
        ("58030", Code::Unavailable),
        ("57014", Code::Unavailable),
        ("57P01", Code::Unavailable),
        ("55P03", Code::Unavailable),
        ("25006", Code::Unavailable),
        ("08006", Code::Unavailable),
        ("40P01", Code::Conflict),
        ("40001", Code::Conflict),
        ("22012", Code::Internal),
        ("P0001", Code::Internal),
    ] {
        let failed = diesel::sql_query(format!("select fail('{state}')"))
            .execute(&mut *conn)
            .await;
        let error = Error::from(failed.expect_err("it fails"));
        assert_eq!(error.code, expected, "{state}");
    }
}
