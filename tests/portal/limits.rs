//! The limits of one request, one source and one account.

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{TestApi, TestServer, wait_until};
use mailer::Mailer;

const LISTS: &str = "messages(first: 5) { totalCount nodes { id } } magicLinks(first: 2) { totalCount nodes { id } }
    sessions { totalCount nodes { id } } timeline(first: 3) { totalCount nodes { id } pageInfo { hasNextPage } }";

async fn api_with_a_hundred_invited() -> TestApi {
    let api = TestApi::open().await;
    api.test
        .invite((0..100).map(|n| format!("person{n}@example.com")))
        .await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(100).await;
    worker.stop().await;
    api
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nested_lists_of_a_hundred_contacts_run_one_statement_each() {
    let api = api_with_a_hundred_invited().await;
    let owner = api.owner().await;
    let document = format!("{{ contacts(first: 100) {{ nodes {{ id {LISTS} }} }} }}");
    let statements = api.statements(async || {
        api.data(&owner, &document, json!({})).await;
    });
    assert_eq!(
        statements.await,
        1 + 2 * 4,
        "the contacts, and the pages and counts of four lists"
    );
    let found = api.data(&owner, &document, json!({})).await;
    let nodes = found["contacts"]["nodes"].as_array().expect("nodes");
    assert_eq!(nodes.len(), 100);
    let alone = format!("query ($id: ID!) {{ contact(id: $id) {{ id {LISTS} }} }}");
    for node in nodes.iter().take(3) {
        assert_eq!(node["messages"]["totalCount"], 1);
        let contact = api.data(&owner, &alone, json!({ "id": node["id"] })).await;
        assert_eq!(contact["contact"], *node, "as it is when it is asked for alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_with_different_arguments_and_cursors_are_not_mixed() {
    let api = TestApi::open().await;
    let emails = ["anna@example.com", "ben@example.com"].map(str::to_owned);
    let contacts = api.test.add_contacts(emails).await;
    let anna = contacts[0].id.to_string();
    let owner = api.owner().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { magicLink { id } } }";
    for _ in 0..3 {
        api.data(&owner, make, json!({ "id": anna })).await;
    }
    let all =
        "query ($id: ID!) { contact(id: $id) { magicLinks { totalCount edges { cursor node { id } } } } }";
    let found = api.data(&owner, all, json!({ "id": anna })).await;
    let edges = found["contact"]["magicLinks"]["edges"]
        .as_array()
        .expect("edges")
        .clone();
    let pages = "query ($id: ID!, $cursor: String!) { contact(id: $id) {
        after: magicLinks(first: 1, after: $cursor) { nodes { id } pageInfo { hasPreviousPage hasNextPage } }
        before: magicLinks(last: 1, before: $cursor) { nodes { id } pageInfo { hasPreviousPage hasNextPage } }
        live: magicLinks(status: LIVE) { totalCount }
        superseded: magicLinks(status: SUPERSEDED) { totalCount } } }";
    let found = api
        .data(&owner, pages, json!({ "id": anna, "cursor": edges[1]["cursor"] }))
        .await;
    let page = |id: &Value, previous, next| json!({ "nodes": [{ "id": id }], "pageInfo": { "hasPreviousPage": previous, "hasNextPage": next } });
    assert_eq!(
        found["contact"]["after"],
        page(&edges[2]["node"]["id"], true, false)
    );
    assert_eq!(
        found["contact"]["before"],
        page(&edges[0]["node"]["id"], false, true)
    );
    assert_eq!(found["contact"]["live"]["totalCount"], 1);
    assert_eq!(found["contact"]["superseded"]["totalCount"], 2);
    let both =
        "query ($cursor: String!) { contacts { nodes { magicLinks(after: $cursor) { totalCount } } } }";
    let refused = api
        .error(&owner, both, json!({ "cursor": edges[1]["cursor"] }))
        .await;
    assert_eq!(
        refused.0, "BAD_USER_INPUT",
        "the cursor is that of one contact's list"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_of_many_lists_of_each_contact_are_too_complex() {
    let server = TestServer::open().await;
    let counts: Vec<String> = (0..48)
        .map(|number| format!("a{number}: messages(first: 0) {{ totalCount }}"))
        .collect();
    let document = format!(
        "{{ contacts(first: 100) {{ nodes {{ {} }} }} }}",
        counts.join(" ")
    );
    let refused = server
        .error(Some(&server.acme.read_key), &document, json!({}))
        .await;
    assert_eq!(refused.0, "QUERY_TOO_COMPLEX");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queries_of_a_request_run_at_most_a_hundred_statements() {
    let server = TestServer::open().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"new@example.com\"]}) { invitations { id } } }";
    server.data(&server.acme.owner, invite, json!({})).await;
    let some = "{ contacts { nodes { id } } invitations { nodes { id } } messages { nodes { id } } magicLinks { nodes { id } }
        teamMembers { nodes { id } } auditLog { nodes { id } } }";
    let found = server.data(&server.acme.owner, some, json!({})).await;
    let ids: Vec<&Value> = found
        .as_object()
        .expect("lists")
        .values()
        .map(|list| &list["nodes"][0]["id"])
        .filter(|id| id.is_string())
        .collect();
    assert!(ids.len() >= 5, "{found}");
    let asking = |times: usize| {
        let fields: Vec<String> = (0..times)
            .map(|n| format!("a{n}: nodes(ids: $ids) {{ id }}"))
            .collect();
        format!("query ($ids: [ID!]!) {{ {} }}", fields.join(" "))
    };
    server
        .data(&server.acme.owner, &asking(5), json!({ "ids": ids }))
        .await;
    let refused = server
        .error(Some(&server.acme.owner), &asking(30), json!({ "ids": ids }))
        .await;
    assert_eq!(refused.0, "QUERY_TOO_COMPLEX");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_never_uses_all_connections() {
    let server = TestServer::open().await;
    let mut blocker = server.test.client().await;
    let blocking = blocker.transaction().await.expect("a transaction");
    let lock = "lock table magic_links in access exclusive mode";
    blocking.batch_execute(lock).await.expect("the lock");
    let (answers, mut answered) = mpsc::unbounded_channel();
    for _ in 0..12 {
        let request = server
            .http
            .post(format!("{}/graphql", server.url))
            .bearer_auth(&server.acme.read_key)
            .json(&json!({ "query": "{ magicLinks(first: 1) { nodes { id } } }" }));
        let answers = answers.clone();
        tokio::spawn(async move {
            let answer: Value = request
                .send()
                .await
                .expect("an answer")
                .json()
                .await
                .expect("JSON");
            answers.send(answer).expect("a reader");
        });
    }
    for _ in 0..2 {
        let answer = answered.recv().await.expect("an answer");
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            extensions,
            &json!({ "code": "UNAVAILABLE", "retryAfter": 1 }),
            "{answer}"
        );
    }
    // The pool has ten connections, of which the waiting statements of one account hold five.
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    assert_eq!(server.test.number(waiting).await, 5);
    let other = server
        .data(&server.other.read_key, "{ portal { slug } }", json!({}))
        .await;
    assert_eq!(other["portal"]["slug"], "other");
    blocking.commit().await.expect("the lock goes");
    let mut fine = 0;
    for _ in 0..10 {
        let answer = answered.recv().await.expect("an answer");
        fine += usize::from(answer.get("errors").is_none());
    }
    assert!(fine >= 5, "those that held a connection are answered: {fine}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_requests_too_many_pages_gets_a_retry_after() {
    let server = TestServer::open_with(&[("VESTIBULE_REQUESTS_PER_SECOND", "1")], |_| Mailer::memory()).await;
    let get = async |path: &str| {
        let asked = server.http.get(format!("{}{path}", server.url)).send().await;
        asked.expect("an answer")
    };
    for path in ["/p/acme/login", "/dashboard/acme/login", "/"] {
        let mut refused = None;
        wait_until("a refusal", async || {
            let page = get(path).await;
            refused = (page.status() == 429).then_some(page);
            refused.is_some()
        })
        .await;
        let page = refused.expect("a page");
        assert_eq!(page.headers()["retry-after"], "1");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let text = page.text().await.expect("a text");
        assert!(text.contains("<h1") && text.contains("Try again in"), "{text}");
    }
    let hook = format!("{}/hooks/twilio/acme/incoming", server.url);
    wait_until("a refusal", async || {
        server.http.post(&hook).send().await.expect("an answer").status() == 429
    })
    .await;
    for path in ["/healthz", "/readyz", "/assets/app.css"] {
        for _ in 0..5 {
            assert_ne!(get(path).await.status(), 429, "{path}");
        }
    }
    server.stop().await;
}
