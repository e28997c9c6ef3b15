//! Credentials that are checked in memory end with their revocation, also while revocations can't be read. So do streams.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::db::Db;

use crate::support::{Proxy, Socket, TestServer, wait_until};

const NAME: &str = "{ portal { name } }";
const COUNTS: &str = "subscription { portalStats { invited } }";
const CREATE: &str =
    "mutation { createApiKey(input: {name: \"a\", scopes: [READ]}) { secret apiKey { id } } }";
const REVOKE: &str = "mutation ($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) { apiKey { id } } }";
/// Ends every session and key as another instance would, except that it nudges nobody.
const REVOKE_ALL: &str = "update api_keys set revoked_at = '2026-01-05T10:00:00Z';
    update sessions set ended_at = '2026-01-05T10:00:00Z';
    insert into revocations (account_id, subject, at) select account_id, id, timestamptz '2026-01-05T10:00:00Z'
        from (select account_id, id from api_keys union all select account_id, id from sessions) ended";

/// The error of a response, or `OK`.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK")
}

async fn ask(server: &TestServer, url: &str, credential: &str) -> String {
    let answer = server.request_at(url, Some(credential), NAME, json!({})).await;
    code(&answer).to_owned()
}

async fn create_key(server: &TestServer) -> (String, Value) {
    let created = server.data(&server.acme.owner, CREATE, json!({})).await;
    let created = &created["createApiKey"];
    let secret = created["secret"].as_str().expect("a secret");
    (secret.to_owned(), json!({ "id": created["apiKey"]["id"] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_begins_after_the_revocation_of_its_key_succeeds() {
    let server = TestServer::open().await;
    let second = server.start_instance().await;
    for _ in 0..5 {
        let (secret, id) = create_key(&server).await;
        assert_eq!(ask(&server, &second.url, &secret).await, "OK");
        let revoked = AtomicBool::new(false);
        let requests = (0..8).map(|_| async {
            loop {
                let began_after = revoked.load(Ordering::SeqCst);
                let code = ask(&server, &server.url, &secret).await;
                assert!(!(began_after && code == "OK"), "accepted after its revocation");
                if began_after {
                    return assert_eq!(code, "UNAUTHENTICATED");
                }
            }
        });
        let revoke = async {
            server.data(&server.acme.owner, REVOKE, id).await;
            revoked.store(true, Ordering::SeqCst);
        };
        tokio::join!(join_all(requests), revoke);
        wait_until("the other instance refuses it", async || {
            ask(&server, &second.url, &secret).await == "UNAUTHENTICATED"
        })
        .await;
    }
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_read_again_after_a_minute() {
    let server = TestServer::open().await;
    let (secret, _) = create_key(&server).await;
    assert_eq!(ask(&server, &server.url, &secret).await, "OK");
    // By hand: without a revocation.
    server
        .test
        .run("update api_keys set revoked_at = created_at where name = 'a'")
        .await;
    server.clock.advance(chrono::TimeDelta::seconds(60));
    assert_eq!(ask(&server, &server.url, &secret).await, "UNAUTHENTICATED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_memory_is_trusted_while_revocations_cannot_be_read() {
    let server = TestServer::open().await;
    let credentials = [&server.acme.owner, &server.acme.key, &server.acme.contact_session];
    for credential in credentials {
        server.data(credential, "{ __typename }", json!({})).await;
    }
    let mut other = server.test.client().await;
    let lock = other.transaction().await.expect("a transaction");
    lock.batch_execute("lock table revocations in access exclusive mode")
        .await
        .expect("the lock");
    for credential in credentials {
        wait_until("the credential is not trusted", async || {
            ask(&server, &server.url, credential).await == "UNAVAILABLE"
        })
        .await;
    }
    lock.batch_execute(REVOKE_ALL).await.expect("they end");
    lock.commit().await.expect("the commit");
    for credential in credentials {
        let mut code = String::new();
        wait_until("revocations are read", async || {
            code = ask(&server, &server.url, credential).await;
            code != "UNAVAILABLE"
        })
        .await;
        assert_eq!(code, "UNAUTHENTICATED");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_read_the_revocations_themselves_while_polling_fails() {
    let mut created = None;
    let server = TestServer::open_behind_proxy(async |test| {
        let proxy = created.insert(Proxy::start(&test.url).await);
        Db::new(&proxy.url, 10).expect("a pool")
    });
    let (server, proxy) = (server.await, created.expect("it was started"));
    let (secret, _) = create_key(&server).await;
    assert_eq!(ask(&server, &server.url, &secret).await, "OK");
    // The connections of the pool stay; polling loses its own and gets no new one.
    proxy.refuse_new_connections();
    let end_polling = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%\"revocations\"%' and pid <> pg_backend_pid()";
    server.test.run(end_polling).await;
    let revoke = "insert into revocations (account_id, subject, at)
        select account_id, id, '2026-01-05T10:00:00Z' from api_keys where name = 'a'";
    server.test.run(revoke).await;
    wait_until("the key is refused", async || {
        assert_eq!(ask(&server, &server.url, &server.acme.owner).await, "OK");
        ask(&server, &server.url, &secret).await == "UNAUTHENTICATED"
    })
    .await;
    server.stop().await;
}

/// The events of a stream, as far as they have come.
struct EventStream(reqwest::Response);

impl EventStream {
    async fn open(server: &TestServer, credential: &str) -> Self {
        let request = server.http.post(format!("{}/graphql/stream", server.url));
        let request = request
            .bearer_auth(credential)
            .header("accept", "text/event-stream");
        let response = request.json(&json!({ "query": COUNTS })).send().await;
        Self(response.expect("a stream"))
    }

    async fn next(&mut self) -> Option<String> {
        let chunk = self.0.chunk().await.expect("it is not broken");
        chunk.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// All that comes until the stream ends.
    async fn rest(mut self) -> String {
        let mut text = String::new();
        while let Some(chunk) = self.next().await {
            text.push_str(&chunk);
        }
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_while_revocations_cannot_be_read() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    socket.data().await;
    let mut events = EventStream::open(&server, &server.acme.key).await;
    assert!(events.next().await.is_some());
    let mut anonymous = Socket::open(&server, None).await;
    let mut other = server.test.client().await;
    let lock = other.transaction().await.expect("a transaction");
    lock.batch_execute("lock table revocations in access exclusive mode")
        .await
        .expect("the lock");
    let (closed, rest) = tokio::join!(socket.next(), events.rest());
    assert_eq!(closed["close"], 4403);
    assert!(rest.contains("\"code\":\"SUBSCRIPTION_EXPIRED\""), "{rest}");
    anonymous.send(json!({"type": "ping"})).await;
    assert_eq!(anonymous.next().await["type"], "pong", "it has nothing to revoke");
    lock.rollback().await.expect("the lock goes");
    wait_until("revocations are read", async || {
        ask(&server, &server.url, &server.acme.owner).await == "OK"
    })
    .await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_go_on_after_a_short_restart_of_the_database() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.owner)).await;
    socket.subscribe(COUNTS).await;
    socket.data().await;
    server.test.refuse_connections().await;
    assert_eq!(ask(&server, &server.url, &server.acme.owner).await, "UNAVAILABLE");
    server.test.accept_connections().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"new@example.com\"]}) { count } }";
    wait_until("the database is back", async || {
        let answer = server.request(Some(&server.acme.key), invite, json!({})).await;
        code(&answer) == "OK"
    })
    .await;
    assert_eq!(socket.data().await["portalStats"]["invited"], 1);
    server.stop().await;
}
