//! Several hosts in `DATABASE_URL`: the standby takes over.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::net::TcpListener;
use vestibule::base::db::Db;

use crate::support::{PostgresServer, TestServer, wait_until};

const NAME: &str = "{ portal { name } }";
const INVITE: &str =
    "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: {emails: $emails}) { count } }";

async fn serve(primary: &PostgresServer, standby: &PostgresServer) -> TestServer {
    serve_on(primary, [primary.port, standby.port]).await
}

async fn serve_on(primary: &PostgresServer, ports: [u16; 2]) -> TestServer {
    let mut test = primary.database().await;
    let [first, second] = ports;
    let url = format!(
        "postgres://vestibule@127.0.0.1:{first},127.0.0.1:{second}/portal?target_session_attrs=read-write"
    );
    test.db = Db::new(&url, 10).expect("a pool");
    TestServer::open_on(test, &[]).await
}

/// `None` if it was done, else the code of its error.
async fn invite(server: &TestServer, name: &str) -> Option<String> {
    let emails = json!({"emails": [format!("{name}@example.com")]});
    let answer = server.request(Some(&server.acme.owner), INVITE, emails).await;
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .map(str::to_owned)
}

/// Invites until it works again. Every error has the same code.
async fn wait_for_writes(server: &TestServer) -> Duration {
    let (began, mut number) = (Instant::now(), 0);
    wait_until("it works again", async || {
        number += 1;
        match invite(server, &format!("after-{number}")).await {
            None => true,
            Some(code) => {
                assert_eq!(code, "UNAVAILABLE");
                false
            }
        }
    })
    .await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_succeed_again_after_the_standby_was_promoted() {
    let mut primary = PostgresServer::primary().await;
    let standby = primary.standby().await;
    let server = serve(&primary, &standby).await;
    assert_eq!(invite(&server, "before").await, None);
    let after_invitation = "select count(*) from contacts where email = 'before@example.com'";
    let copy = standby.database().await;
    wait_until("it has arrived", async || {
        copy.number(after_invitation).await == 1
    })
    .await;
    // The pool has idle connections to the old primary.
    join_all((0..10).map(|_| server.data(&server.acme.key, NAME, json!({})))).await;

    primary.stop();
    assert_eq!(invite(&server, "meanwhile").await.as_deref(), Some("UNAVAILABLE"));
    standby.promote().await;
    let elapsed = wait_for_writes(&server).await;
    println!("requests succeed {elapsed:?} after the promotion");
    assert_eq!(
        copy.number("select count(*) from contacts where email like 'after-%'")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_a_primary_that_became_read_only_are_dropped() {
    let primary = PostgresServer::primary().await;
    let standby = primary.standby().await;
    let server = serve(&primary, &standby).await;
    join_all((0..10).map(|_| server.data(&server.acme.key, NAME, json!({})))).await;
    let superuser = primary.superuser().await;
    standby.promote().await;
    // The old primary lives on, and its sessions stay open.
    superuser
        .batch_execute("alter system set default_transaction_read_only = on")
        .await
        .expect("it is set");
    superuser
        .batch_execute("select pg_reload_conf()")
        .await
        .expect("it is read");
    wait_until("it is read-only", async || {
        let setting = superuser
            .query_one("show default_transaction_read_only", &[])
            .await;
        setting.expect("a setting").get::<_, String>(0) == "on"
    })
    .await;
    let elapsed = wait_for_writes(&server).await;
    println!("requests succeed {elapsed:?} after the old primary became read-only");
    join_all((0..10).map(|_| async {
        assert_eq!(
            server.data(&server.acme.key, NAME, json!({})).await["portal"]["name"],
            "acme"
        )
    }))
    .await;
    for name in ["one", "two", "three"] {
        assert_eq!(invite(&server, name).await, None, "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_accepts_connections_and_hangs_gives_way_to_the_next() {
    let primary = PostgresServer::primary().await;
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = hanging.local_addr().expect("an address").port();
    let server = serve_on(&primary, [port, primary.port]).await;
    assert_eq!(invite(&server, "anna").await, None);
    server.stop().await;
}
