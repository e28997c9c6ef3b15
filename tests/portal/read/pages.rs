use std::collections::BTreeSet;

use serde_json::{Value, json};
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

const FORWARD: &str = "query($n: Int, $at: String, $filter: ContactFilter, $order: ContactOrder) {
    contacts(first: $n, after: $at, filter: $filter, orderBy: $order) {
        totalCount nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

const BACKWARD: &str = "query($n: Int, $at: String, $filter: ContactFilter, $order: ContactOrder) {
    contacts(last: $n, before: $at, filter: $filter, orderBy: $order) {
        totalCount nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// A hundred contacts with many ties in every order except by id.
const TIES: &str = "
    with numbered as (select id, row_number() over (order by id) as n from contacts)
    update contacts c set
        email = case when n % 9 = 0 then null else email end,
        email_key = case when n % 9 = 0 then null else email_key end,
        first_name = (array['Anna', 'Ben', 'Zoë', null])[1 + n % 4],
        last_name = (array['Ash', null])[1 + n % 2],
        tags = case when n % 3 = 0 then array['vip', 'paid'] when n % 3 = 1 then array['paid'] else '{}' end,
        first_invited_at = case when n % 4 > 0 then '2026-01-01Z'::timestamptz end,
        invited_at = case when n % 4 > 0 then '2026-01-01Z'::timestamptz + (n % 3) * interval '1 hour' end,
        joined_at = case when n % 4 > 1 then '2026-01-02Z'::timestamptz + (n % 3) * interval '1 hour' end,
        last_seen_at = case when n % 4 > 1 then '2026-01-03Z'::timestamptz + (n % 2) * interval '1 day' end,
        revoked_at = case when n % 20 = 3 then '2026-01-04Z'::timestamptz end
    from numbered where numbered.id = c.id";

/// Filters, and the equivalent conditions in SQL.
fn filters() -> Vec<(Value, &'static str)> {
    vec![
        (json!(null), "true"),
        (json!({ "portalStatus": ["INVITED"] }), "status = 1"),
        (
            json!({ "portalStatus": ["ACTIVE", "REVOKED"], "tags": ["vip"] }),
            "status in (2, 3) and 'vip' = any(tags)",
        ),
        (
            json!({ "search": "ann exa" }),
            "first_name = 'Anna' and email is not null",
        ),
        (
            json!({ "invitedBefore": "2026-01-01T02:00:00+01:00", "lastSeenBefore": "2026-01-03T12:00:00Z" }),
            "invited_at < '2026-01-01T01:00:00Z' and last_seen_at < '2026-01-03T12:00:00Z'",
        ),
        (json!({ "tags": ["nobody"] }), "false"),
    ]
}

async fn api_with_a_hundred_contacts() -> (TestApi, Viewer) {
    let api = TestApi::open().await;
    api.test
        .add_contacts((0..100).map(|n| format!("person{n}@example.com")))
        .await;
    api.test.test.run(TIES).await;
    let owner = api.owner().await;
    (api, owner)
}

/// All ids of a list, read page by page in one direction.
async fn read_all_pages(
    api: &TestApi,
    caller: &Viewer,
    document: &str,
    filter: &Value,
    order: &Value,
) -> Vec<String> {
    let backward = document == BACKWARD;
    let (more, at) = if backward {
        ("hasPreviousPage", "startCursor")
    } else {
        ("hasNextPage", "endCursor")
    };
    let (mut ids, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "n": 13, "at": cursor, "filter": filter, "order": order });
        let page = &api.data(caller, document, variables).await["contacts"];
        let mut nodes: Vec<String> = texts(&page["nodes"]);
        let edges = page["edges"].as_array().expect("edges");
        assert!(
            edges
                .iter()
                .zip(&nodes)
                .all(|(edge, node)| edge["node"]["id"] == **node)
        );
        if backward {
            nodes.reverse();
        }
        ids.append(&mut nodes);
        if page["pageInfo"][more] != true {
            assert_eq!(page["totalCount"], ids.len(), "{filter} {order}");
            return ids;
        }
        cursor = page["pageInfo"][at].clone();
    }
}

fn texts(nodes: &Value) -> Vec<String> {
    let id = |node: &Value| node["id"].as_str().expect("an id").to_owned();
    nodes.as_array().expect("nodes").iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cover_every_contact_once_in_every_order_and_both_directions() {
    let (api, owner) = api_with_a_hundred_contacts().await;
    for (filter, condition) in filters() {
        let count = api
            .test
            .test
            .number(&format!("select count(*) from contacts where {condition}"))
            .await;
        for field in [
            "CREATED_AT",
            "INVITED_AT",
            "JOINED_AT",
            "LAST_SEEN_AT",
            "EMAIL",
            "NAME",
        ] {
            let mut by_direction = Vec::new();
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let forward = read_all_pages(&api, &owner, FORWARD, &filter, &order).await;
                let mut backward = read_all_pages(&api, &owner, BACKWARD, &filter, &order).await;
                backward.reverse();
                assert_eq!(forward, backward, "{filter} {order}");
                assert_eq!(forward.len() as i64, count, "{filter} {order}");
                assert_eq!(
                    forward.iter().collect::<BTreeSet<_>>().len(),
                    forward.len(),
                    "{filter} {order}"
                );
                by_direction.push(forward);
            }
            by_direction[1].reverse();
            assert_eq!(by_direction[0], by_direction[1], "{filter} {field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_the_order_of_its_field() {
    let (api, owner) = api_with_a_hundred_contacts().await;
    let cases = [
        ("EMAIL", "coalesce(email_key, '')"),
        ("NAME", "name_key"),
        ("JOINED_AT", "coalesce(joined_at, 'epoch')"),
    ];
    for (field, expression) in cases {
        let order = json!({ "field": field, "direction": "ASC" });
        let ours = read_all_pages(&api, &owner, FORWARD, &json!(null), &order).await;
        let keys = format!("select {expression}::text from contacts order by {expression}, id");
        let ids = format!("select id::text from contacts order by {expression}, id");
        let sorted: Vec<String> = api.test.test.texts(&ids).await.into_iter().flatten().collect();
        let parsed = ours.iter().map(|id| {
            id.parse::<vestibule::base::ids::ContactId>()
                .expect("an id")
                .0
                .to_string()
        });
        assert_eq!(
            parsed.collect::<Vec<_>>(),
            sorted,
            "{field}: {:?}",
            api.test.test.texts(&keys).await
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invited_and_active_users_match_the_counts_newest_first() {
    let (api, owner) = api_with_a_hundred_contacts().await;
    let document = "{ portalStats { invited active }
        invitedUsers(first: 100) { totalCount nodes { portalStatus invitedAt } }
        activeUsers(first: 100) { totalCount nodes { portalStatus joinedAt } }
        annas: activeUsers(first: 100, search: \"anna\") { nodes { firstName } } }";
    let found = api.data(&owner, document, json!({})).await;
    for (list, count, status, at) in [
        ("invitedUsers", "invited", "INVITED", "invitedAt"),
        ("activeUsers", "active", "ACTIVE", "joinedAt"),
    ] {
        let nodes = found[list]["nodes"].as_array().expect("nodes");
        assert_eq!(found["portalStats"][count], nodes.len(), "{list}");
        assert_eq!(found[list]["totalCount"], nodes.len(), "{list}");
        assert!(nodes.iter().all(|node| node["portalStatus"] == status), "{list}");
        let times: Vec<&str> = nodes.iter().filter_map(|node| node[at].as_str()).collect();
        assert!(times.len() > 10 && times.is_sorted_by(|a, b| a >= b), "{times:?}");
        assert!(times.iter().all(|time| time.ends_with('Z')), "{times:?}");
    }
    let annas = found["annas"]["nodes"].as_array().expect("nodes");
    assert!(annas.iter().all(|anna| anna["firstName"] == "Anna"), "{annas:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_list_can_be_paged_in_both_directions() {
    let api = TestApi::open().await;
    let job = api
        .test
        .invite((0..12).map(|n| format!("person{n}@example.com")))
        .await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(12).await;
    worker.stop().await;
    let owner = api.owner().await;
    for list in [
        "invitations",
        "magicLinks",
        "messages",
        "bulkJobs",
        "recentActivity",
    ] {
        let page = |args: &str| format!("{{ list: {list}({args}) {{ {} }} }}", fields("id"));
        assert_pages(&api, &owner, page).await;
    }
    let page = |args: &str| {
        let items = format!("items({args}) {{ {} }}", fields("id: position"));
        format!("{{ list: bulkJob(id: \"{job}\") {{ {items} }} }}")
    };
    assert_pages(&api, &owner, page).await;
}

fn fields(id: &str) -> String {
    format!("totalCount nodes {{ {id} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}")
}

/// Pages of five from both ends contain the same as one page of a hundred.
async fn assert_pages(api: &TestApi, caller: &Viewer, document: impl Fn(&str) -> String) {
    let read = async |args: String| {
        let mut found = api.data(caller, &document(&args), json!({})).await["list"].take();
        if found.get("items").is_some() {
            found["items"].take()
        } else {
            found
        }
    };
    let ids = |page: &Value| page["nodes"].as_array().expect("nodes").clone();
    let whole = read("first: 100".to_owned()).await;
    assert_eq!(whole["totalCount"], ids(&whole).len());
    let (mut forward, mut args) = (Vec::new(), "first: 5".to_owned());
    loop {
        let page = read(args).await;
        forward.extend(ids(&page));
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        args = format!("first: 5, after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(forward, ids(&whole));
    let (mut backward, mut args) = (Vec::new(), "last: 5".to_owned());
    loop {
        let page = read(args).await;
        backward.splice(0..0, ids(&page));
        if page["pageInfo"]["hasPreviousPage"] != true {
            break;
        }
        args = format!("last: 5, before: {}", page["pageInfo"]["startCursor"]);
    }
    assert_eq!(backward, ids(&whole));
}
