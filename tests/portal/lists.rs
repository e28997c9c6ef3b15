//! Lists: every row once, in every order and both directions, with a known number of statements.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::TestServer;

const PAGE: &str = "query ($first: Int, $after: String, $last: Int, $before: String, $filter: ContactFilter, $order: ContactOrder) {
    contacts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id email } } }";

/// 60 contacts of every status, with many ties in every order.
async fn insert_contacts(server: &TestServer) {
    server
        .test
        .run(&format!(
            "insert into contacts (account_id, id, email, email_key, first_name, tags, invited_at, first_invited_at, joined_at,
                 last_seen_at, revoked_at, created_at, updated_at)
             select '{}', ('01900000-0000-7000-8000-' || lpad(to_hex(i * 7919 % 4096), 12, '0'))::uuid,
                 case when i % 5 > 0 then 'p' || i || '@example.com' end, case when i % 5 > 0 then 'p' || i || '@example.com' end,
                 (array['Ann', 'Bob', 'Çem'])[i % 3 + 1], array['t' || i % 4],
                 case when i % 4 > 0 then timestamptz '2026-01-01Z' + (i % 3) * interval '1 h' end,
                 case when i % 4 > 0 then timestamptz '2026-01-01Z' end,
                 case when i % 4 > 1 then timestamptz '2026-01-02Z' + (i % 2) * interval '1 h' end,
                 case when i % 4 > 1 then timestamptz '2026-01-03Z' end,
                 case when i % 4 > 2 then timestamptz '2026-01-04Z' end, '2026-01-01Z', '2026-01-01Z'
             from generate_series(1, 60) i",
            server.acme.id.0
        ))
        .await;
}

async fn read_all_pages(server: &TestServer, mut page: Value, backward: bool) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let data = server.data(&server.acme.key, PAGE, page.clone()).await;
        let list = &data["contacts"];
        let rows: Vec<String> = list["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|node| node["id"].as_str().map(str::to_owned))
            .collect();
        if backward {
            ids.splice(0..0, rows);
            if list["pageInfo"]["hasPreviousPage"] != true {
                return ids;
            }
            page["before"] = list["pageInfo"]["startCursor"].clone();
        } else {
            ids.extend(rows);
            if list["pageInfo"]["hasNextPage"] != true {
                return ids;
            }
            page["after"] = list["pageInfo"]["endCursor"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_contain_every_row_once_in_every_order_and_both_directions() {
    let server = TestServer::open().await;
    insert_contacts(&server).await;
    for field in [
        "CREATED_AT",
        "INVITED_AT",
        "JOINED_AT",
        "LAST_SEEN_AT",
        "EMAIL",
        "NAME",
    ] {
        for direction in ["ASC", "DESC"] {
            let order = json!({"field": field, "direction": direction});
            for filter in [
                json!({}),
                json!({"portalStatus": ["INVITED"]}),
                json!({"portalStatus": ["ACTIVE", "REVOKED"], "tags": ["t2", "t3"]}),
            ] {
                let forward = read_all_pages(
                    &server,
                    json!({"first": 7, "order": order, "filter": filter}),
                    false,
                )
                .await;
                let whole = server
                    .data(
                        &server.acme.key,
                        PAGE,
                        json!({"first": 100, "order": order, "filter": filter}),
                    )
                    .await;
                let whole = &whole["contacts"];
                let total = whole["totalCount"].as_u64().expect("a count");
                assert_eq!(forward.len() as u64, total, "{order} {filter}");
                assert_eq!(forward.iter().collect::<HashSet<_>>().len(), forward.len());
                let at_once: Vec<&str> = whole["nodes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|node| node["id"].as_str())
                    .collect();
                assert_eq!(forward, at_once, "{order} {filter}");
                let backward = read_all_pages(
                    &server,
                    json!({"last": 7, "order": order, "filter": filter}),
                    true,
                )
                .await;
                assert_eq!(backward, forward, "{order} {filter}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_matches_prefixes_of_words() {
    let server = TestServer::open().await;
    insert_contacts(&server).await;
    for (search, count) in [
        ("anna", 1),
        ("ANN", 21),
        ("p17 example", 1),
        ("çem", 20),
        ("xample", 0),
    ] {
        let data = server
            .data(&server.acme.key, PAGE, json!({"filter": {"search": search}}))
            .await;
        assert_eq!(data["contacts"]["totalCount"], count, "{search}");
    }
    server.stop().await;
}

/// Waits for the background work of earlier requests, and returns the statement count.
async fn wait_until_idle(server: &TestServer) -> u64 {
    let mut before = server.test.db.statement_count();
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let now = server.test.db.statement_count();
        if now == before {
            return now;
        }
        before = now;
    }
}

/// The statements of one request: the minimum of a few attempts, since the live hub polls in the background.
async fn statements(server: &TestServer, credential: &str, query: &str, variables: Value) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..7 {
        let before = wait_until_idle(server).await;
        server.data(credential, query, variables.clone()).await;
        least = least.min(server.test.db.statement_count() - before);
    }
    least
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_run_a_known_number_of_statements() {
    let server = TestServer::open().await;
    insert_contacts(&server).await;
    let owner = &server.acme.owner;
    for credential in [owner, &server.acme.key] {
        let stats = "{ portalStats { invited active } }";
        assert_eq!(statements(&server, credential, stats, json!({})).await, 1);
    }
    let list = "{ invitedUsers(first: 20) { nodes { email invitation { status } } } }";
    assert_eq!(
        statements(&server, owner, list, json!({})).await,
        2,
        "the page, and all invitations at once"
    );
    let links = "{ magicLinks(first: 20) { nodes { status contact { email } message { status } } } }";
    assert!(statements(&server, owner, links, json!({})).await <= 3);
    let viewer = "{ viewer { __typename ... on TeamMember { id role } ... on ApiKey { id scopes } } me { id sections } }";
    for credential in [owner, &server.acme.key, &server.acme.contact_session] {
        let count = statements(&server, credential, viewer, json!({})).await;
        assert_eq!(count, 0, "a credential says whom it identifies");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redeeming_a_link_runs_a_known_number_of_statements() {
    let server = TestServer::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let mut least = u64::MAX;
    for _ in 0..15 {
        let created = server
            .data(
                &server.acme.key,
                make,
                json!({"id": server.acme.contact.to_string()}),
            )
            .await;
        let token = created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned();
        let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
        let before = wait_until_idle(&server).await;
        server.request(None, redeem, json!({"token": token})).await;
        least = least.min(server.test.db.statement_count() - before);
    }
    assert!(least <= 12, "{least} statements");
    server.stop().await;
}
