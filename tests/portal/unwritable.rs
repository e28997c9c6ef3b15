//! A database that accepts no writes: mutations are `UNAVAILABLE`, and readiness reports the reason.

use serde_json::json;

use crate::support::{TestServer, wait_until};

const NAME: &str = "{ portal { name } }";
const INVITE: &str = "mutation { inviteContacts(input: {emails: [\"a@example.com\"]}) { count } }";
const END_SESSIONS: &str = "select pg_terminate_backend(pid) from pg_stat_activity \
                            where datname = current_database() and pid <> pg_backend_pid()";

async fn ready(server: &TestServer) -> (u16, String) {
    let response = server.http.get(format!("{}/readyz", server.url)).send().await;
    let response = response.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_still_serves_queries_and_its_connections_are_replaced() {
    let server = TestServer::open().await;
    let set = |words: &str| {
        format!("do $$ begin execute format('alter database %I {words}', current_database()); end $$")
    };
    server
        .test
        .run(&set("set default_transaction_read_only = on"))
        .await;
    server.test.run(END_SESSIONS).await;
    wait_until("queries are answered on new sessions", async || {
        server.request(Some(&server.acme.owner), NAME, json!({})).await["data"]["portal"]["name"] == "acme"
    })
    .await;
    assert_eq!(
        server.error(Some(&server.acme.owner), INVITE, json!({})).await.0,
        "UNAVAILABLE"
    );
    wait_until("readiness says so", async || {
        ready(&server).await
            == (
                503,
                "the database doesn't accept writes: it is read-only\n".to_owned(),
            )
    })
    .await;

    // Database sessions that began read-only stay so: the pool does not reuse them.
    server.test.run("set default_transaction_read_only = off").await;
    server.test.run(&set("reset default_transaction_read_only")).await;
    wait_until("mutations are done again", async || {
        server.request(Some(&server.acme.owner), INVITE, json!({})).await["data"]["inviteContacts"]["count"]
            == 1
    })
    .await;
    wait_until("the server is ready", async || ready(&server).await.0 == 200).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_unavailable_and_not_ready() {
    let server = TestServer::open().await;
    server
        .test
        .run(
            "create function full_disk() returns trigger language plpgsql as \
             'begin raise exception ''could not extend file'' using errcode = ''disk_full''; end'; \
             create trigger full_disk before insert on contacts for each row execute function full_disk(); \
             create trigger full_disk before insert on write_probe for each row execute function full_disk()",
        )
        .await;
    assert_eq!(
        server.error(Some(&server.acme.owner), INVITE, json!({})).await.0,
        "UNAVAILABLE"
    );
    wait_until("readiness says so", async || {
        ready(&server).await
            == (
                503,
                "the database doesn't accept writes: its disk is full\n".to_owned(),
            )
    })
    .await;
    server.request(Some(&server.acme.owner), NAME, json!({})).await;
    server.stop().await;
}
