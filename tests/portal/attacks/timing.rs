//! Unlucky timing.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::audit::{EventKind, NewEvent, record};
use vestibule::base::ids::ContactId;
use vestibule::live::Topic;

use super::{LOGIN_EMAIL, REDEEM, REFRESH, redeem};
use crate::support::{TestAccount, TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_right_after_subscribing_is_received() {
    let test = TestAccount::open().await;
    let (live, account) = (test.parts.live.clone(), test.account.id);
    for round in 0..3 {
        test.clock.advance(TimeDelta::seconds(1));
        let mut events = Box::pin(live.activity(account));
        let moment = test.clock.moment();
        let event = NewEvent::for_contact(EventKind::ContactCreated, ContactId::new(&moment));
        test.write(async |conn| record(conn, account, &test.requester, &[event], &moment).await)
            .await;
        live.nudge(account, &[Topic::Activity]);
        let seen = tokio::time::timeout(Duration::from_secs(3), events.next()).await;
        assert!(seen.is_ok(), "round {round}");
        drop(events);
        // Until no subscription is left.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_contact_during_its_operations_breaks_nothing() {
    let server = TestServer::open().await;
    let create =
        "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id } } }";
    let delete = "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }";
    let change = "mutation ($id: ID!, $email: EmailAddress!) { updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    let make =
        "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 60}) { url } }";
    let invite = "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { count } }";
    let mut wrong = Vec::new();
    for round in 0..12 {
        let email = format!("round{round}@example.com");
        let created = server
            .data(&server.acme.key, create, json!({"email": email}))
            .await;
        let id = created["createContact"]["contact"]["id"].clone();
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let token = created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned();
        let first = redeem(&server, &token).await;
        let refresh = first["session"]["refreshToken"].clone();
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let token = created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned();
        let key = Some(&server.acme.key[..]);
        let new = format!("new{round}@example.com");
        let (id_, new_, token_) = (
            json!({"id": id}),
            json!({"id": id, "email": new}),
            json!({"token": token}),
        );
        let refresh_ = json!({"token": refresh});
        let work = vec![
            server.request(key, make, id_.clone()),
            server.request(key, LOGIN_EMAIL, id_.clone()),
            server.request(None, REDEEM, token_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(key, invite, id_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(key, change, new_.clone()),
            server.request(key, delete, id_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(None, REDEEM, token_.clone()),
            server.request(key, LOGIN_EMAIL, id_.clone()),
            server.request(key, delete, id_.clone()),
        ];
        for answer in join_all(work).await {
            let code = answer["errors"][0]["extensions"]["code"].clone();
            if !(code.is_null() || code == "NOT_FOUND") {
                wrong.push(answer.to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let drift = "select count(*) from (select account_id, sum(invited) i, sum(active) a, sum(invited_total) t from account_counts group by 1) c
        full join (select account_id, count(*) filter (where status = 1) i, count(*) filter (where status = 2) a,
            count(*) filter (where first_invited_at is not null) t from contacts group by 1) r using (account_id)
        where (coalesce(c.i, 0), coalesce(c.a, 0), coalesce(c.t, 0)) <> (coalesce(r.i, 0), coalesce(r.a, 0), coalesce(r.t, 0))";
    assert_eq!(server.test.number(drift).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_changes_status_while_it_is_listed_is_listed_once() {
    let server = TestServer::open().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"a@example.com\", \"b@example.com\", \"c@example.com\"]}) { count } }";
    server.data(&server.acme.key, invite, json!({})).await;
    let client = server.test.client().await;
    let moving = tokio::spawn(async move {
        for step in 0.. {
            let to = if step % 2 == 0 { "now()" } else { "null" };
            let moved = format!("update contacts set joined_at = {to} where email like '%@example.com'");
            client.batch_execute(&moved).await.expect(&moved);
        }
    });
    let list = "{ contacts(orderBy: {field: EMAIL, direction: ASC}) { nodes { email } } }";
    let mut twice = 0;
    for _ in 0..400 {
        let found = server.data(&server.acme.key, list, json!({})).await;
        let emails: Vec<&str> = (found["contacts"]["nodes"].as_array().into_iter().flatten())
            .filter_map(|node| node["email"].as_str())
            .collect();
        twice += usize::from(emails.windows(2).any(|pair| pair[0] == pair[1]));
    }
    moving.abort();
    assert_eq!(twice, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_idempotency_keys_locked_by_another_sweep_are_skipped() {
    let server = TestServer::open().await;
    let create = async |name: &str| {
        let query = format!(
            "mutation {{ createContact(input: {{email: \"{name}@example.com\"}}) {{ contact {{ id }} }} }}"
        );
        let request = server
            .http
            .post(format!("{}/graphql", server.url))
            .bearer_auth(&server.acme.key);
        let request = request
            .header("idempotency-key", name)
            .json(&json!({"query": query}));
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
    };
    create("old").await;
    server.clock.advance(TimeDelta::hours(25));
    let other = server.test.client().await;
    other
        .batch_execute("begin; delete from idempotency_keys")
        .await
        .expect("it is held");
    let done = tokio::time::timeout(Duration::from_secs(5), create("new")).await;
    assert!(done.is_ok(), "it waits for another request");
    other.batch_execute("rollback").await.expect("it ends");
    create("newer").await;
    assert_eq!(
        server.test.number("select count(*) from idempotency_keys").await,
        2
    );
    server.stop().await;
}
